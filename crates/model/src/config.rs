//! The whole configuration.

use serde::{Deserialize, Serialize};

use crate::{bfd::BfdInstance, global::Global, lvs::Lvs, vrrp::Vrrp};

/// Everything the files say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Root-level settings and `global_defs`.
    pub global: Global,
    /// Work of the VRRP process.
    pub vrrp: Vrrp,
    /// Work of the checker process.
    pub lvs: Lvs,
    /// Work of the BFD process.
    pub bfd: Vec<BfdInstance>,
}

impl Config {
    /// Does the VRRP process have anything to do (`vrrp_instance`, `static_ipaddress`, `static_routes`, `static_rules`)?
    #[must_use]
    pub fn wants_vrrp(&self) -> bool {
        let v = &self.vrrp;
        !(v.instances.is_empty()
            && v.static_addresses.is_empty()
            && v.static_routes.is_empty()
            && v.static_rules.is_empty())
    }

    /// Does the checker process have anything to do (`virtual_server`)?
    #[must_use]
    pub fn wants_checker(&self) -> bool {
        !self.lvs.virtual_servers.is_empty()
    }

    /// Does the BFD process have anything to do (`bfd_instance`)?
    #[must_use]
    pub fn wants_bfd(&self) -> bool {
        !self.bfd.is_empty()
    }
}
