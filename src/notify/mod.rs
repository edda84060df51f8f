//! Telling the user: notify scripts, FIFOs and mail. Started and forgotten, never waited for by an election.
//!
//! | file | subject |
//! |---|---|
//! | `runner.rs` | notification scripts, all at once or in order |
//! | `queue.rs` | the order of events for one receiver |
//! | `fifo.rs` | notification FIFOs and their scripts |
//! | `mail/` | mail |

pub mod fifo;
pub mod mail;
pub mod queue;
pub mod runner;

use keepalived_vrrp::Notified;

/// The word that scripts and FIFOs get for a state.
pub const fn state_word(state: Notified) -> &'static str {
    match state {
        Notified::Master => "MASTER",
        Notified::Backup => "BACKUP",
        Notified::Fault => "FAULT",
        Notified::Stop => "STOP",
        Notified::Deleted => "DELETED",
    }
}
