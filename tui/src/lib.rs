//! `keepalived-tui` (live console) and `keepalivedctl` (one-shot commands). Both know the daemon over D-Bus only.

pub mod console;
pub mod ctl;
pub mod remote;
mod text;
