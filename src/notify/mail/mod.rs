//! Mail about state changes (`vrrp.md` 13.6): a thread of its own with its own event loop, so that neither a name server nor a slow
//! mail server is anybody's business but its own.
//!
//! | file | subject |
//! |---|---|
//! | `text.rs` | subjects, bodies, headers |
//! | `dialogue.rs` | SMTP without a socket |
//! | `post.rs` | the thread: queue, sessions, what the log is told |

pub mod dialogue;
mod post;
pub mod text;

use std::io;
use std::time::Duration;

use keepalived_model::global::Smtp;
use tokio::sync::{mpsc, oneshot};

use text::Mail;

/// Mails on their way to the thread.
const CHANNEL: usize = 1024;

/// What the thread is told.
#[derive(Debug)]
enum Order {
    /// From now on so; what waits is delivered so too.
    Configure(Box<Settings>),
    /// One mail.
    Send(Box<Mail>),
    /// Answer as soon as nothing waits any more.
    Flush(oneshot::Sender<()>),
}

/// All that a session needs; what is unset is found out by the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settings {
    host: String,
    port: u16,
    hello: Option<String>,
    from: Option<String>,
    to: Vec<String>,
    router_id: Option<String>,
    timeout: Duration,
}

/// Delivers mails in order for each thing they are about; never waits.
#[derive(Debug, Default)]
pub struct Mailer {
    orders: Option<mpsc::Sender<Order>>,
    settings: Option<Settings>,
    lost: u64,
}

impl Mailer {
    /// Takes a new configuration. Without `smtp_server` or `notification_email` nothing is ever sent.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn configure(&mut self, smtp: &Smtp, router_id: Option<&str>) -> io::Result<()> {
        let settings = settings(smtp, router_id);
        if settings == self.settings {
            return Ok(());
        }
        self.settings.clone_from(&settings);
        let Some(settings) = settings else { return Ok(()) };
        let orders = match &self.orders {
            Some(orders) => orders,
            None => {
                let (orders, received) = mpsc::channel(CHANNEL);
                post::start(received)?;
                self.orders.insert(orders)
            }
        };
        // Full only while the thread is starved; then the old settings serve a little longer.
        if orders.try_send(Order::Configure(Box::new(settings))).is_err() {
            tracing::warn!("mail is too busy to take its new configuration; a reload tries again");
            self.settings = None;
        }
        Ok(())
    }

    /// Is mail to be sent at all?
    pub const fn is_active(&self) -> bool {
        self.settings.is_some()
    }

    /// Sends a mail. One that finds no room is lost, and the log hears how many.
    pub fn send(&mut self, mail: Mail) {
        let (true, Some(orders)) = (self.settings.is_some(), &self.orders) else {
            return;
        };
        match orders.try_send(Order::Send(Box::new(mail))) {
            Ok(()) if self.lost > 0 => {
                tracing::warn!("{} mails were lost: too many at once", self.lost);
                self.lost = 0;
            }
            Ok(()) => {}
            Err(_) => self.lost += 1,
        }
    }

    /// Returns when nothing waits any more, or after `longest`; true when all has been dealt with.
    pub async fn flush(&self, longest: Duration) -> bool {
        let Some(orders) = &self.orders else { return true };
        let (done, flushed) = oneshot::channel();
        let wait = async { orders.send(Order::Flush(done)).await.is_ok() && flushed.await.is_ok() };
        tokio::time::timeout(longest, wait).await.unwrap_or(false)
    }
}

fn settings(smtp: &Smtp, router_id: Option<&str>) -> Option<Settings> {
    let host = smtp.server.as_deref()?;
    if smtp.recipients.is_empty() {
        return None;
    }
    let timeout = smtp
        .connect_timeout
        .map_or(Duration::from_secs(30), |t| Duration::from_micros(t.as_micros()));
    Some(Settings {
        host: host.to_owned(),
        port: smtp.port.unwrap_or(25),
        hello: smtp.helo_name.as_deref().map(str::to_owned),
        from: smtp.from.as_deref().map(str::to_owned),
        to: smtp.recipients.iter().map(|to| to.to_string()).collect(),
        router_id: router_id.map(str::to_owned),
        timeout,
    })
}

#[cfg(test)]
mod tests;
