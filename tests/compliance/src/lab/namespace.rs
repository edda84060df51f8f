//! A network namespace that exists as long as one thread of this process.
//!
//! Nothing is registered under a name, so nothing is left behind, however this process ends: the kernel removes a
//! namespace and the links in it with its last thread.

use std::io::Write;
use std::net::IpAddr;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

use nix::sched::{CloneFlags, unshare};

use crate::outcome::{Stop, Verdict};

type Job = Box<dyn FnOnce() + Send>;

/// One network namespace and the thread that lives in it.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    thread_id: i32,
}

impl Namespace {
    /// Makes a namespace with its loopback interface up.
    pub fn new(name: &str) -> Verdict<Self> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let (ready, made) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let result = unshare(CloneFlags::CLONE_NEWNET).map(|()| nix::unistd::gettid().as_raw());
            let failed = result.is_err();
            if ready.send(result).is_err() || failed {
                return;
            }
            for job in inbox {
                job();
            }
        })?;
        let thread_id = match made.recv() {
            Ok(Ok(id)) => id,
            Ok(Err(error)) => return Err(Stop::Skip(format!("cannot make a network namespace: {error}"))),
            Err(_) => return Err(Stop::Fail("the thread of a namespace ended early".to_owned())),
        };
        let namespace = Self {
            name: name.to_owned(),
            jobs: Some(jobs),
            thread: Some(thread),
            thread_id,
        };
        namespace.ip(&["link set lo up"])?;
        Ok(namespace)
    }

    /// Path by which other programs (`ip ... netns PATH`, `nsenter --net=PATH`) find this namespace.
    pub fn path(&self) -> String {
        format!("/proc/{}/task/{}/ns/net", std::process::id(), self.thread_id)
    }

    /// Runs a closure on the thread in the namespace and returns what it returns.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Verdict<T> {
        let (send, receive) = mpsc::channel();
        let job: Job = Box::new(move || {
            // The receiver waits below; it can only be gone when this process is ending.
            let _ = send.send(work());
        });
        let jobs = self
            .jobs
            .as_ref()
            .ok_or_else(|| Stop::Fail(format!("namespace {} is closed", self.name)))?;
        jobs.send(job)
            .map_err(|_| Stop::Fail(format!("namespace {} is closed", self.name)))?;
        receive
            .recv()
            .map_err(|_| Stop::Fail(format!("the thread of namespace {} died", self.name)))
    }

    /// Runs a program in the namespace to its end.
    pub fn command(&self, program: &str, args: &[&str]) -> Verdict<Output> {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::null());
        Ok(self.run(move || command.output())??)
    }

    /// Runs a shell line in the namespace; anything but exit status 0 fails.
    pub fn shell(&self, line: &str) -> Verdict<String> {
        let output = self.command("sh", &["-c", line])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(Stop::Fail(format!(
                "{}: `{line}`: {} {text}{errors}",
                self.name, output.status
            )));
        }
        Ok(text)
    }

    /// Runs lines of `ip` in one go; the first that fails ends it.
    pub fn ip(&self, lines: &[&str]) -> Verdict {
        let script = lines.join("\n") + "\n";
        let output = self.run(move || -> std::io::Result<Output> {
            let mut child = Command::new("ip")
                .args(["-batch", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()?;
            if let Some(mut stdin) = child.stdin.take() {
                stdin.write_all(script.as_bytes())?;
            }
            child.wait_with_output()
        })??;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            return Err(Stop::Fail(format!("{}: ip {lines:?}: {why}", self.name)));
        }
        Ok(())
    }

    /// The index of an interface of the namespace.
    pub fn interface_index(&self, name: &str) -> Verdict<usize> {
        let name = name.to_owned();
        let index = self.run(move || nix::net::if_::if_nametoindex(name.as_str()))??;
        Ok(index as usize)
    }

    /// Whether an interface of the namespace has an address now.
    pub fn has_address(&self, address: IpAddr) -> Verdict<bool> {
        let found = self.run(move || -> nix::Result<bool> {
            Ok(nix::ifaddrs::getifaddrs()?
                .filter_map(|entry| entry.address)
                .any(|storage| {
                    let four = storage.as_sockaddr_in().map(|inet| IpAddr::V4(inet.ip()));
                    let six = storage.as_sockaddr_in6().map(|inet| IpAddr::V6(inet.ip()));
                    four.or(six) == Some(address)
                }))
        })??;
        Ok(found)
    }

    /// Writes a value below `/proc/sys/net` as seen from the namespace.
    pub fn sysctl(&self, path: &str, value: &str) -> Verdict {
        let (path, value) = (format!("/proc/sys/net/{path}"), value.to_owned());
        Ok(self.run(move || std::fs::write(path, value))??)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was already reported by whoever waited for its job.
            let _ = thread.join();
        }
    }
}
