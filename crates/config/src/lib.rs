//! keepalived.conf and TOML to model, with diagnostics.
