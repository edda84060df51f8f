//! From one language to the other.

pub use crate::{
    print::{Inexpressible, conf as to_conf},
    toml::to_toml,
};
