//! Fresh network namespaces for tests: each test gets a thread in a namespace of its own, which dies with the thread.

use std::process::Command;

/// Run `test` in a new network namespace with `lo` up, or print SKIP and why.
pub(crate) fn in_namespace(name: &str, test: impl FnOnce() + Send + 'static) {
    std::thread::spawn({
        let name = name.to_owned();
        move || {
            if let Err(error) = nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET) {
                println!("SKIP {name}: unshare(CLONE_NEWNET): {error}");
                return;
            }
            run("ip link set lo up");
            test();
        }
    })
    .join()
    .unwrap();
}

/// Run a command in the calling thread's namespace and give its output; it must succeed.
pub(crate) fn run(command: &str) -> String {
    let mut words = command.split_whitespace();
    let output = Command::new(words.next().unwrap()).args(words).output().unwrap();
    assert!(
        output.status.success(),
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What `ip -j ...` prints, as JSON.
pub(crate) fn ip(arguments: &str) -> serde_json::Value {
    serde_json::from_str(&run(&format!("ip -j -d {arguments}"))).unwrap()
}

/// A current-thread runtime as the workers have it.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(std::time::Duration::from_secs(20), future)
            .await
            .unwrap()
    })
}

type Job = Box<dyn FnOnce() + Send>;

/// A second network namespace, held by a thread that runs what it is given there.
pub(crate) struct Other {
    jobs: std::sync::mpsc::Sender<Job>,
}

impl Other {
    /// A new namespace, joined to the calling thread's by the veth pair `va` (here) and `vb` (there), both up, with
    /// 192.0.2.1/24 and 2001:db8::1/64 here and .2 and ::2 there.
    pub(crate) fn joined() -> Self {
        let (jobs, received) = std::sync::mpsc::channel::<Job>();
        let (tell, thread_id) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
            tell.send(nix::unistd::gettid()).unwrap();
            received.into_iter().for_each(|job| job());
        });
        let other = Self { jobs };
        let thread_id = thread_id.recv().unwrap();
        run(&format!("ip link add va type veth peer name vb netns {thread_id}"));
        configure("va", 1);
        other.call(|| configure("vb", 2));
        // Link-local addresses are ready when the carrier is; DAD is off.
        run("ip link show va up");
        other
    }

    /// Run `job` in the other namespace and give its answer; sockets that it opens stay there.
    pub(crate) fn call<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> T {
        let (answer, answered) = std::sync::mpsc::channel();
        self.jobs.send(Box::new(move || answer.send(job()).unwrap())).unwrap();
        answered.recv().unwrap()
    }
}

fn configure(interface: &str, host: u8) {
    std::fs::write(format!("/proc/sys/net/ipv6/conf/{interface}/accept_dad"), "0").unwrap();
    run(&format!("ip addr add 192.0.2.{host}/24 dev {interface}"));
    run(&format!("ip addr add 2001:db8::{host}/64 dev {interface} nodad"));
    run(&format!("ip addr add fe80::{host}/64 dev {interface} nodad"));
    run(&format!("ip link set {interface} addrgenmode none"));
    run(&format!("ip link set {interface} up"));
}

/// The index of an interface, as ip(8) tells it.
pub(crate) fn link_index(name: &str) -> u32 {
    u32::try_from(ip(&format!("link show dev {name}"))[0]["ifindex"].as_u64().unwrap()).unwrap()
}

/// All frames that an interface receives, from a socket that shares no code with the crate.
pub(crate) fn capture(interface: &str) -> socket2::Socket {
    let all = i32::from(0x0003_u16.to_be());
    let socket = socket2::Socket::new(socket2::Domain::PACKET, socket2::Type::RAW, Some(all.into())).unwrap();
    socket.bind_device(Some(interface.as_bytes())).unwrap();
    socket
        .set_read_timeout(Some(std::time::Duration::from_secs(5)))
        .unwrap();
    socket
}

/// The next captured frame that `wanted` likes.
pub(crate) fn frame(capture: &socket2::Socket, wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    use std::io::Read as _;
    loop {
        let mut buffer = vec![0; 8192];
        let len = (&*capture).read(&mut buffer).unwrap();
        buffer.truncate(len);
        if wanted(&buffer) {
            return buffer;
        }
    }
}
