//! From a `tracing` event to a line.

use std::{fmt::Write as _, time::SystemTime};

use keepalived_linux::syslog::Severity;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::writer::Writer;

/// Longest message in bytes; the rest is cut.
const MESSAGE_LIMIT_BYTES: usize = 8_192;

/// One line on its way to the writer.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) time: SystemTime,
    pub(super) severity: Severity,
    pub(super) message: String,
    /// Journal fields, names in their final form.
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) struct LineLayer {
    pub(super) writer: Writer,
    pub(super) detail: u8,
}

impl<S: Subscriber> Layer<S> for LineLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        wanted(metadata, self.detail)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        use tracing::level_filters::LevelFilter;
        Some(match self.detail {
            0 => LevelFilter::INFO,
            1 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut collected = Collected::default();
        event.record(&mut collected);
        if collected.message.len() > MESSAGE_LIMIT_BYTES {
            let mut end = MESSAGE_LIMIT_BYTES;
            while !collected.message.is_char_boundary(end) {
                end -= 1;
            }
            collected.message.truncate(end);
        }
        self.writer.write(Line {
            time: SystemTime::now(),
            severity: severity(*event.metadata().level(), collected.alert),
            message: collected.message,
            fields: collected.fields,
        });
    }
}

/// Ours by detail level; what libraries say only when it is a warning and details are wanted.
fn wanted(metadata: &Metadata<'_>, detail: u8) -> bool {
    let level = *metadata.level();
    if metadata.target().starts_with("keepalived") {
        match detail {
            0 => level <= Level::INFO,
            1 => level <= Level::DEBUG,
            _ => true,
        }
    } else {
        level <= Level::WARN && detail > 0
    }
}

fn severity(level: Level, alert: bool) -> Severity {
    match level {
        Level::ERROR if alert => Severity::Alert,
        Level::ERROR => Severity::Error,
        Level::WARN => Severity::Warning,
        Level::INFO | Level::DEBUG => Severity::Info,
        Level::TRACE => Severity::Debug,
    }
}

#[derive(Default)]
struct Collected {
    message: String,
    alert: bool,
    fields: Vec<(String, String)>,
}

impl Collected {
    fn field(&mut self, field: &Field, value: String) {
        let name = field.name();
        if name.starts_with("log.") {
            return;
        }
        let mut journal_name = String::from("KEEPALIVED_");
        journal_name.extend(name.chars().map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        }));
        self.fields.push((journal_name, value));
    }
}

impl Visit for Collected {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "alert" {
            self.alert = value;
        } else {
            self.field(field, value.to_string());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            self.field(field, value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _infallible = write!(self.message, "{value:?}");
        } else {
            self.field(field, format!("{value:?}"));
        }
    }
}
