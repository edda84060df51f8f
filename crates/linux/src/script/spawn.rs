//! `vfork` done carefully: the child borrows our memory until it executes the script, so nothing is copied, and it may
//! only make plain system calls.

use std::ffi::{CStr, CString, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd as _, OwnedFd};
use std::process::ExitStatus;
use std::ptr::{addr_of_mut, null};

use rustix::process::{WaitIdOptions, waitid};

use super::{Script, Surroundings, environment};

/// The child calls a few functions of the C library, none of which needs much.
const STACK_LEN: usize = 64 * 1024;
const SHELL: &CStr = c"/bin/sh";

/// A script that runs, or has ended and waits to be asked.
#[derive(Debug)]
pub struct Child {
    pid: i32,
    pidfd: OwnedFd,
    through_shell: bool,
}

impl Child {
    /// The process id, which is also that of its group.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// The file has no `#!` line and was given to the shell.
    #[must_use]
    pub const fn through_shell(&self) -> bool {
        self.through_shell
    }

    /// Send a signal to the script and everything it started that is still in its group.
    ///
    /// # Errors
    /// `ESRCH` when nobody is left, `EPERM` when it runs as somebody else.
    pub fn signal_group(&self, signal: i32) -> io::Result<()> {
        // SAFETY: no memory is involved; the group is that of a child that is not waited for, so the number is still its own.
        if unsafe { libc::kill(-self.pid, signal) } == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// How it ended, or `None` while it runs. Never waits.
    ///
    /// # Errors
    /// `ECHILD` when somebody else took its exit status.
    pub fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let Some(status) = waitid(rustix::process::WaitId::PidFd(self.pidfd.as_fd()), options)? else {
            return Ok(None);
        };
        Ok(Some(crate::process::exit_status(&status)))
    }
}

impl AsFd for Child {
    /// The pidfd: readable when the script has ended (`pidfd_open(2)`).
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pidfd.as_fd()
    }
}

/// What failed between the fork and the script's first instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Making the process.
    Fork,
    /// A process group of its own.
    Group,
    /// Scheduling, affinity and limits.
    Limits,
    /// The null device on descriptors 0 to 2.
    Streams,
    /// User, group and supplementary groups.
    Credentials,
    /// Executing the file.
    Execute,
}

/// A script that could not be started.
#[derive(Debug)]
pub struct StartError {
    /// Where it failed.
    pub step: Step,
    /// Why.
    pub source: io::Error,
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let step = match self.step {
            Step::Fork => "make a process",
            Step::Group => "make a process group",
            Step::Limits => "restore limits and scheduling",
            Step::Streams => "open the null device",
            Step::Credentials => "change user or group",
            Step::Execute => "execute it",
        };
        write!(f, "failed to {step}: {}", self.source)
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// What stays the same from script to script.
#[derive(Debug)]
pub(super) struct Launcher {
    surroundings: Surroundings,
    inherited: Vec<(OsString, OsString)>,
    null: OwnedFd,
    stack: Vec<u8>,
}

impl Launcher {
    pub(super) fn new(surroundings: Surroundings, inherited: Vec<(OsString, OsString)>) -> io::Result<Self> {
        let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
        // Above the standard streams, which it is going to be copied to.
        let null = rustix::io::fcntl_dupfd_cloexec(&null, 3)?;
        Ok(Self {
            surroundings,
            inherited,
            null,
            stack: vec![0; STACK_LEN],
        })
    }

    /// Start `script`; the calling thread is suspended until the file is executed.
    pub(super) fn start(&mut self, script: &Script) -> Result<Child, StartError> {
        let variables = environment(&self.inherited, &script.variables);
        let argv = pointers(script.argv.iter());
        let words = std::iter::once(SHELL).chain(script.argv.iter().map(CString::as_c_str));
        let shell_argv: Vec<_> = words.map(CStr::as_ptr).chain([null()]).collect();
        let envp = pointers(variables.iter());
        let mut plan = Plan {
            argv: argv.as_ptr(),
            shell_argv: shell_argv.as_ptr(),
            envp: envp.as_ptr(),
            null: self.null.as_raw_fd(),
            script,
            surroundings: &self.surroundings,
            parent: rustix::process::getpid().as_raw_nonzero().get(),
            step: Step::Fork,
            errno: 0,
            through_shell: false,
        };
        let (pid, pidfd) = fork_and_run(&mut plan, &mut self.stack).map_err(|source| StartError {
            step: Step::Fork,
            source,
        })?;
        let child = Child {
            pid,
            pidfd,
            through_shell: plan.through_shell,
        };
        if plan.errno == 0 {
            return Ok(child);
        }
        // It has exited by itself; only its status is left to be taken away.
        let _ = waitid(
            rustix::process::WaitId::PidFd(child.pidfd.as_fd()),
            WaitIdOptions::EXITED,
        );
        Err(StartError {
            step: plan.step,
            source: io::Error::from_raw_os_error(plan.errno),
        })
    }
}

fn pointers<'a>(words: impl Iterator<Item = &'a CString>) -> Vec<*const libc::c_char> {
    words.map(|word| word.as_ptr()).chain([null()]).collect()
}

/// All that the child needs, prepared before it exists, and what it reports back through the shared memory.
struct Plan<'a> {
    argv: *const *const libc::c_char,
    shell_argv: *const *const libc::c_char,
    envp: *const *const libc::c_char,
    null: libc::c_int,
    script: &'a Script,
    surroundings: &'a Surroundings,
    parent: libc::pid_t,
    step: Step,
    errno: libc::c_int,
    through_shell: bool,
}

/// Make the child and wait until it has executed the script or given up.
fn fork_and_run(plan: &mut Plan<'_>, stack: &mut [u8]) -> io::Result<(i32, OwnedFd)> {
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD | libc::SIGCHLD;
    let mut pidfd: libc::c_int = -1;
    // Stacks grow downwards and begin at a multiple of 16 octets.
    let top = stack.as_mut_ptr_range().end;
    let top = top.wrapping_sub(top.addr() % 16);
    // SAFETY: with all signals blocked no handler of ours runs in the child. The child has a stack of its own, and shares our
    // memory only while CLONE_VFORK suspends this thread, so that `plan` and `stack` outlive its use of them and nobody
    // else touches them. `in_child` makes plain system calls only and never returns into Rust frames of the parent.
    let (pid, error) = unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
        let pid = libc::clone(in_child, top.cast(), flags, addr_of_mut!(*plan).cast(), &raw mut pidfd);
        let error = io::Error::last_os_error();
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
        (pid, error)
    };
    if pid < 0 {
        return Err(error);
    }
    // SAFETY: on success the kernel has stored a new descriptor, which nobody else knows.
    Ok((pid, unsafe { OwnedFd::from_raw_fd(pidfd) }))
}

/// What the child does, in the memory of the parent: no allocation, no locks, no panics, no destructors.
extern "C" fn in_child(plan: *mut libc::c_void) -> libc::c_int {
    // SAFETY: `fork_and_run` passes a valid `Plan` that nobody else uses while the parent is suspended.
    let plan = unsafe { &mut *plan.cast::<Plan<'_>>() };
    for (step, action) in STEPS {
        plan.step = step;
        // SAFETY: we are the child, and the plan is valid.
        if unsafe { !action(plan) } {
            break;
        }
    }
    // SAFETY: reads and writes our thread's errno, and ends this process without running anything of the parent's.
    unsafe {
        plan.errno = match *libc::__errno_location() {
            0 => libc::EIO,
            errno => errno,
        };
        libc::_exit(127)
    }
}

/// A step of the child; false with `errno` set when it failed.
type Action = unsafe fn(&mut Plan<'_>) -> bool;

/// In this order: limits and priorities while still privileged, the parent's death after the change of user, which clears it.
const STEPS: [(Step, Action); 5] = [
    (Step::Group, own_group),
    (Step::Limits, restore_surroundings),
    (Step::Streams, null_streams),
    (Step::Credentials, change_user),
    (Step::Execute, execute),
];

unsafe fn own_group(_: &mut Plan<'_>) -> bool {
    // SAFETY: a system call without memory.
    unsafe { libc::setpgid(0, 0) == 0 }
}

/// Best effort: what an unprivileged daemon could not change it cannot restore either, and need not.
unsafe fn restore_surroundings(plan: &mut Plan<'_>) -> bool {
    let wanted = plan.surroundings;
    let parameter = libc::sched_param {
        sched_priority: wanted.priority,
    };
    // SAFETY: the system calls read structures that are alive; those of the C library that act on all threads are avoided.
    unsafe {
        libc::syscall(libc::SYS_sched_setscheduler, 0, wanted.policy, &raw const parameter);
        libc::setpriority(libc::PRIO_PROCESS, 0, wanted.nice);
        if let Some(affinity) = &wanted.affinity {
            libc::syscall(
                libc::SYS_sched_setaffinity,
                0,
                size_of_val(affinity),
                std::ptr::from_ref(affinity),
            );
        }
        for (kind, limit) in &wanted.limits {
            restore_limit(*kind, limit);
        }
    }
    true
}

/// A hard limit that was lowered stays without `CAP_SYS_RESOURCE`; the soft one can still go up to it.
unsafe fn restore_limit(kind: libc::__rlimit_resource_t, wanted: &libc::rlimit64) {
    let mut present = libc::rlimit64 {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: system calls on structures that are alive.
    unsafe {
        let set = |limit: *const libc::rlimit64| libc::syscall(libc::SYS_prlimit64, 0, kind, limit, null::<u8>()) == 0;
        if set(wanted) {
            return;
        }
        libc::syscall(libc::SYS_prlimit64, 0, kind, null::<u8>(), &raw mut present);
        present.rlim_cur = if wanted.rlim_cur < present.rlim_max {
            wanted.rlim_cur
        } else {
            present.rlim_max
        };
        set(&raw const present);
    }
}

/// The null device as standard streams, and no other descriptor.
unsafe fn null_streams(plan: &mut Plan<'_>) -> bool {
    // SAFETY: the child has a descriptor table of its own.
    unsafe {
        for stream in 0..=2 {
            if libc::dup2(plan.null, stream) < 0 {
                return false;
            }
        }
        // Before Linux 5.9 this fails; our descriptors close themselves on exec.
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
    }
    true
}

/// The C library's functions would change the user of all threads that it believes to be there: raw calls only.
unsafe fn change_user(plan: &mut Plan<'_>) -> bool {
    let Some(wanted) = &plan.script.credentials else {
        return true;
    };
    // SAFETY: plain system calls; the list of groups is alive.
    unsafe {
        // Who is that user already and may change nothing keeps its groups.
        let same = libc::geteuid() == wanted.uid && libc::getegid() == wanted.gid;
        let own = [wanted.gid];
        let groups: &[u32] = if wanted.groups.is_empty() { &own } else { &wanted.groups };
        (libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) == 0 || same)
            && libc::syscall(libc::SYS_setresgid, wanted.gid, wanted.gid, wanted.gid) == 0
            && libc::syscall(libc::SYS_setresuid, wanted.uid, wanted.uid, wanted.uid) == 0
    }
}

/// Signals and the tie to the parent, then the file, or the shell with the file. Returns only when that failed.
unsafe fn execute(plan: &mut Plan<'_>) -> bool {
    // SAFETY: the structures are ours; the pointers to words end with a null pointer and live in the suspended parent.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
        if libc::getppid() != plan.parent {
            *libc::__errno_location() = libc::ESRCH;
            return false;
        }
        // The kernel's structure, all of it zero: the default disposition. The C library's function would leave out the two
        // signals it keeps for itself, which somebody above us may have ignored.
        let default = [0_u64; 8];
        for signal in 1..=64 {
            // KILL and STOP refuse, rightly.
            libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), null::<u8>(), 8_usize);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
        libc::execve(*plan.argv, plan.argv, plan.envp);
        if *libc::__errno_location() == libc::ENOEXEC {
            plan.through_shell = true;
            libc::execve(SHELL.as_ptr(), plan.shell_argv, plan.envp);
        }
    }
    false
}
