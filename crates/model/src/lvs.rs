//! IPVS services as the configuration wants them.

use serde::{Deserialize, Serialize};

/// All that the checker process does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lvs {
    /// `virtual_server`, in configuration order.
    pub virtual_servers: Vec<VirtualServer>,
}

/// One IPVS service (`virtual_server`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualServer {}
