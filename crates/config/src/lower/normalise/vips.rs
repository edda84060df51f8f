//! Virtual addresses: homes, number, kind.

use keepalived_model::{
    address::Address,
    units::{Family, Version},
    vrrp::Authentication,
};

use super::{Normaliser, transport::is_link_local};
use crate::check::codes;

impl Normaliser<'_, '_, '_> {
    /// Items 12, 13 and 20, and addresses without interface.
    pub(super) fn vips(
        &mut self,
        version: Version,
        family: Family,
        auth: &Authentication,
        has_hmac: bool,
        is_unicast: bool,
    ) {
        if self.draft.interface.is_none() {
            self.drop_homeless();
        }
        if family == Family::V6
            && !is_unicast
            && let Some(first) = self.draft.addresses.first()
            && !is_link_local(first.local.address)
        {
            let code = if self.strict {
                &codes::VIP_NOT_LINK_LOCAL_STRICT
            } else {
                &codes::VIP_NOT_LINK_LOCAL
            };
            self.help(
                code,
                self.draft.span,
                "the first IPv6 address should be link-local",
                "put an address of fe80::/10 first",
            );
        }
        self.limit_vips(version, family, auth, has_hmac);
        if self.draft.addresses.is_empty() {
            self.no_vip(version);
        }
    }

    pub(super) fn drop_homeless(&mut self) {
        let keep = |list: &mut Vec<Address>| {
            let before = list.len();
            list.retain(|a| a.interface.is_some());
            before - list.len()
        };
        let dropped = keep(&mut self.draft.addresses) + keep(&mut self.draft.excluded);
        if dropped != 0 {
            self.help(
                &codes::VIP_WITHOUT_INTERFACE,
                self.draft.span,
                &format!("{dropped} addresses have no interface and are dropped"),
                "add `dev INTERFACE` to each",
            );
        }
    }

    /// An advert holds at most 255 addresses and must fit the MTU.
    pub(super) fn limit_vips(&mut self, version: Version, family: Family, auth: &Authentication, has_hmac: bool) {
        let mtu = self.fact.map_or(1500, |f| f.mtu) as usize;
        let mut header = 14 + 8;
        header += match family {
            Family::V4 => 20,
            Family::V6 => 40,
        };
        if version == Version::V2 && family == Family::V4 {
            header += 8;
        }
        if matches!(auth, Authentication::Ah(_)) {
            header += 24;
        }
        if has_hmac {
            header += 28;
        }
        let size = usize::from(family.bits() / 8);
        let most = (mtu.saturating_sub(header) / size).min(255);
        if self.draft.addresses.len() > most {
            self.say(
                &codes::VIP_EXCESS,
                self.draft.span,
                &format!(
                    "{} addresses exceed the {most} that an advert can hold; the rest is not advertised",
                    self.draft.addresses.len()
                ),
            );
            let rest = self.draft.addresses.split_off(most);
            self.draft.excluded.extend(rest);
        }
    }

    pub(super) fn no_vip(&mut self, version: Version) {
        if self.strict && self.rare.no_vip {
            self.say(
                &codes::STRICT_RESET,
                self.draft.place("no_virtual_ipaddress"),
                "strict mode does not allow `no_virtual_ipaddress`; it is cleared",
            );
            self.rare.no_vip = false;
        }
        if self.rare.no_vip {
            return;
        }
        if self.strict || version == Version::V3 {
            self.help(
                &codes::NO_VIP_FATAL,
                self.draft.span,
                "no VIP is given; at least one is required",
                "add `virtual_ipaddress { ADDRESS }`, or `no_virtual_ipaddress`",
            );
        } else {
            self.help(
                &codes::NO_VIP,
                self.draft.span,
                "no VIP is given; at least one is sensible",
                "add `virtual_ipaddress { ADDRESS }`, or `no_virtual_ipaddress`",
            );
        }
    }
}
