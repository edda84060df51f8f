//! The daemon, seen over D-Bus.

use std::fmt;

use keepalived_dbus::{
    SERVICE,
    client::{ControlProxy, StatusProxy},
    path::Root,
};
use keepalived_status::{
    InstanceId,
    view::{Detail, Notice, Overview, Row},
};
use zbus::{Connection, fdo};

/// Which daemon on which bus.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Target {
    /// Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub bus: Option<String>,
    /// Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]
    #[arg(long, global = true, value_name = "NAME")]
    pub service: Option<String>,
    /// Network namespace of the daemon (net_namespace)
    #[arg(long, global = true, value_name = "NAME")]
    pub net_namespace: Option<String>,
    /// Instance of the daemon (instance)
    #[arg(long, global = true, value_name = "NAME")]
    pub daemon_instance: Option<String>,
}

impl Target {
    /// The name on the bus.
    #[must_use]
    pub fn service(&self) -> &str {
        self.service.as_deref().unwrap_or(SERVICE)
    }
}

/// Why the daemon cannot be asked, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no bus.
    NoBus(String),
    /// Nobody owns the name.
    NoDaemon(String),
    /// The policy of the bus says no.
    Denied(String),
    /// The daemon said no: its words.
    Refused(String),
    /// What came is not what this program understands.
    Strange(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBus(why) => write!(
                f,
                "failed to reach the bus: {why}\nIs dbus-daemon or dbus-broker running? Another bus is chosen with --bus ADDRESS."
            ),
            Self::NoDaemon(service) => write!(
                f,
                "failed to find {service} on the bus\nIs keepalived running, does global_defs have enable_dbus, and is \
                 org.keepalived.Vrrp1.conf installed in /etc/dbus-1/system.d? With dbus_service_name, use --service NAME."
            ),
            Self::Denied(why) => write!(
                f,
                "failed to get permission: {why}\nOnly root may give orders (policy of the bus)."
            ),
            Self::Refused(why) => f.write_str(why),
            Self::Strange(why) => write!(f, "failed to understand the answer: {why}"),
        }
    }
}

impl std::error::Error for Problem {}

/// How many instances are asked for at once.
const PAGE: u32 = 1024;

/// A daemon that answers.
#[derive(Clone, Debug)]
pub struct Remote {
    /// The bus.
    pub connection: Connection,
    /// What consoles read.
    pub status: StatusProxy<'static>,
    /// What consoles order.
    pub control: ControlProxy<'static>,
    service: String,
}

impl Remote {
    /// Finds the daemon.
    ///
    /// # Errors
    /// [`Problem::NoBus`] or [`Problem::NoDaemon`].
    pub async fn connect(target: &Target) -> Result<Self, Problem> {
        let builder = match &target.bus {
            Some(address) => zbus::connection::Builder::address(address.as_str()),
            None => zbus::connection::Builder::system(),
        };
        let no_bus = |error: zbus::Error| Problem::NoBus(error.to_string());
        let connection = builder.build().await.map_err(no_bus)?;
        let service = target.service().to_owned();
        let bus = fdo::DBusProxy::new(&connection).await.map_err(no_bus)?;
        let name = service
            .as_str()
            .try_into()
            .map_err(|_| Problem::NoDaemon(service.clone()))?;
        if !bus.name_has_owner(name).await.map_err(|error| no_bus(error.into()))? {
            return Err(Problem::NoDaemon(service));
        }
        let path = Root::new(target.net_namespace.as_deref(), target.daemon_instance.as_deref()).daemon();
        let status = StatusProxy::builder(&connection)
            .destination(service.clone())
            .path(path.clone())
            .build()
            .await
            .map_err(no_bus)?;
        let control = ControlProxy::builder(&connection)
            .destination(service.clone())
            .path(path)
            .build()
            .await
            .map_err(no_bus)?;
        Ok(Self {
            connection,
            status,
            control,
            service,
        })
    }

    /// The daemon as a whole.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn overview(&self) -> Result<Overview, Problem> {
        parse(&self.status.get_overview().await.map_err(|e| self.problem(e))?)
    }

    /// All instances.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn rows(&self) -> Result<Vec<Row>, Problem> {
        let mut rows: Vec<Row> = Vec::new();
        let mut first = Some(0);
        while let Some(from) = first {
            let page = self
                .status
                .get_instances(from, PAGE)
                .await
                .map_err(|e| self.problem(e))?;
            let page: Vec<Row> = parse(&page)?;
            first = page.last().and_then(|row| row.id.0.checked_add(1));
            rows.extend(page);
        }
        Ok(rows)
    }

    /// Some instances again, beginning with the number `first`.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn rows_from(&self, first: InstanceId, count: u32) -> Result<Vec<Row>, Problem> {
        parse(
            &self
                .status
                .get_instances(first.0, count)
                .await
                .map_err(|e| self.problem(e))?,
        )
    }

    /// All about one instance.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn detail(&self, name: &str) -> Result<Detail, Problem> {
        parse(&self.status.get_instance(name).await.map_err(|e| self.problem(e))?)
    }

    /// Reloads; the error is the reason that the daemon gave.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn reload(&self) -> Result<(), Problem> {
        self.control.reload().await.map_err(|e| self.problem(e))
    }

    /// Announces the addresses of one instance again.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn send_garp(&self, name: &str) -> Result<(), Problem> {
        self.control.send_garp(name).await.map_err(|e| self.problem(e))
    }

    /// A dump as text.
    ///
    /// # Errors
    /// Any [`Problem`].
    pub async fn dump(&self, kind: &str) -> Result<String, Problem> {
        self.control.dump(kind).await.map_err(|e| self.problem(e))
    }

    fn problem(&self, error: zbus::Error) -> Problem {
        let zbus::Error::MethodError(name, text, _) = &error else {
            return Problem::NoBus(error.to_string());
        };
        let words = text.clone().unwrap_or_else(|| name.to_string());
        match name.as_str() {
            "org.freedesktop.DBus.Error.AccessDenied" => Problem::Denied(words),
            "org.freedesktop.DBus.Error.ServiceUnknown"
            | "org.freedesktop.DBus.Error.NameHasNoOwner"
            | "org.freedesktop.DBus.Error.NoReply" => Problem::NoDaemon(self.service.clone()),
            "org.freedesktop.DBus.Error.UnknownInterface"
            | "org.freedesktop.DBus.Error.UnknownMethod"
            | "org.freedesktop.DBus.Error.UnknownObject" => Problem::Strange(format!(
                "{words}\nThe daemon is not this keepalived, or it runs with --net-namespace or --daemon-instance of its own."
            )),
            _ => Problem::Refused(words),
        }
    }
}

/// Understands a notice; `None` for one that a newer daemon has invented.
#[must_use]
pub fn notice(text: &str) -> Option<Notice> {
    serde_json::from_str(text).ok()
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| Problem::Strange(error.to_string()))
}
