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
