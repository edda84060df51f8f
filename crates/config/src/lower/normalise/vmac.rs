//! Virtual MAC and ipvlan interfaces.

use keepalived_model::{units::Family, vrrp::Vmac};

use super::Normaliser;
use crate::{check::codes, lower::instance::VmacDraft};

impl Normaliser<'_, '_, '_> {
    pub(super) fn vmac(&mut self, is_unicast: bool, vrid: u8, family: Family) -> Option<Box<Vmac>> {
        let Some(draft) = self.rare.vmac.take() else {
            if self.rare.xmit_base {
                self.say(
                    &codes::VMAC_OPTION,
                    self.draft.place("vmac_xmit_base"),
                    "`vmac_xmit_base` has no effect without `use_vmac`",
                );
            }
            return None;
        };
        let place = self.draft.place("use_vmac");
        let VmacDraft {
            mut vmac,
            mac,
            ipvlan_address,
        } = draft;
        vmac.address = ipvlan_address;
        if let Some(address) = ipvlan_address {
            self.draft.source.get_or_insert(address.address);
        }
        if self.draft.interface.is_none() && vmac.for_instance {
            self.say(
                &codes::VMAC_OPTION,
                place,
                "a virtual MAC needs an interface; `use_vmac` is cleared",
            );
            return None;
        }
        if let Some(mut mac) = mac {
            if self.strict {
                self.say(
                    &codes::STRICT_RESET,
                    place,
                    "strict mode uses the MAC address of RFC 9568; the written one is cleared",
                );
            } else {
                if !mac.complete {
                    mac.octets[5] = vrid;
                }
                vmac.mac = Some(mac.octets);
            }
        }
        if vmac.ipvlan.is_some() && ipvlan_address.is_none() && family == Family::V4 {
            self.say(
                &codes::CONFIG_FAULT,
                self.draft.place("use_ipvlan"),
                "an IPv4 ipvlan needs an address of its own; the instance stays in FAULT",
            );
            self.fault = Some("the ipvlan has no address".into());
        }
        vmac.xmit_base = self.xmit_base(&vmac, is_unicast);
        // Put back what `reachable` looks at.
        self.rare.vmac = Some(VmacDraft {
            vmac: vmac.clone(),
            ..VmacDraft::default()
        });
        Some(Box::new(vmac))
    }

    pub(super) fn xmit_base(&mut self, vmac: &Vmac, is_unicast: bool) -> bool {
        let written = self.draft.place("vmac_xmit_base");
        if self.rare.xmit_base && !vmac.for_instance {
            self.say(
                &codes::VMAC_OPTION,
                written,
                "`vmac_xmit_base` has no effect without `use_vmac`",
            );
            return false;
        }
        if is_unicast && vmac.for_instance {
            if !self.rare.xmit_base {
                self.help(
                    &codes::XMIT_BASE_SET,
                    self.draft.place("use_vmac"),
                    "unicast with a virtual MAC needs `vmac_xmit_base`; it is set",
                    "add `vmac_xmit_base`",
                );
            }
            return true;
        }
        if self.rare.xmit_base && self.strict {
            self.say(
                &codes::STRICT_RESET,
                written,
                "strict mode sends from the virtual MAC; `vmac_xmit_base` is cleared",
            );
            return false;
        }
        self.rare.xmit_base
    }
}
