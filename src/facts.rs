//! What the checks of the configuration need to know of this machine, asked of the kernel and of files.

use std::{
    cell::OnceCell,
    collections::HashMap,
    ffi::OsStr,
    path::{Path, PathBuf},
};

use keepalived_config::facts::{Facts, InterfaceFact, ScriptFact};
use keepalived_linux::{
    netlink::{CommandSocket, HardwareType, Link, LinkKind},
    security,
};
use keepalived_model::{script::Credentials, units::IfName};
use nix::unistd::{Gid, Group, Uid, User};

/// This machine, in the network namespace of the calling thread. Links are asked for once, so make a new value for each reading.
#[derive(Debug, Default)]
pub struct Machine {
    links: OnceCell<HashMap<String, InterfaceFact>>,
}

impl Facts for Machine {
    fn interface(&self, name: &IfName) -> Option<InterfaceFact> {
        self.links.get_or_init(links).get(name.as_str()).copied()
    }

    fn credentials(&self, user: &str, group: Option<&str>) -> Result<Credentials, String> {
        credentials(user, group)
    }

    fn script(&self, program: &str, credentials: Option<&Credentials>, keep_symlinks: bool) -> ScriptFact {
        let own = own_credentials();
        script(program, credentials.unwrap_or(&own), keep_symlinks)
    }

    fn watchable(&self, file: &Path) -> Result<(), String> {
        watchable(file)
    }

    fn environment(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn random(&self, min: u64, max: u64) -> u64 {
        let mut bytes = [0; 8];
        // The system's generator does not fail for 8 bytes once it is seeded; zeros are a valid answer all the same.
        let _filled = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
        let span = max.saturating_sub(min).saturating_add(1);
        min + u64::from_ne_bytes(bytes) % span
    }

    fn host_name(&self) -> String {
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        name.split('.').next().unwrap_or_default().to_owned()
    }

    fn cpus(&self) -> u16 {
        let online = std::thread::available_parallelism().map_or(1, usize::from);
        u16::try_from(online).unwrap_or(u16::MAX)
    }

    fn iproute2_table(&self, name: &str, etc_dir: Option<&Path>, usr_dir: Option<&Path>) -> String {
        iproute2_table_of(name, etc_dir, usr_dir)
    }
}

fn links() -> HashMap<String, InterfaceFact> {
    let dumped = CommandSocket::open(None).and_then(|mut socket| socket.links());
    match dumped {
        Ok(links) => links.iter().map(|link| (link.name.clone(), fact(link))).collect(),
        Err(error) => {
            tracing::error!("failed to list interfaces: {error}");
            HashMap::new()
        }
    }
}

fn fact(link: &Link) -> InterfaceFact {
    InterfaceFact {
        index: link.index,
        mtu: link.mtu,
        loopback: link.flags.loopback(),
        multicast: link.flags.multicast(),
        ethernet: link.hardware_type == HardwareType::ETHERNET,
        base: matches!(link.kind, LinkKind::Macvlan { .. } | LinkKind::Ipvlan { .. })
            .then_some(link.parent)
            .flatten(),
    }
}

/// File systems whose files change without inotify hearing of it (`linux/magic.h`): proc, sysfs, cgroup, cgroup2, devpts, debugfs,
/// tracefs, securityfs, bpf, mqueue, selinuxfs.
const SILENT: [u32; 11] = [
    0x9fa0,
    0x6265_6572,
    0x0027_e0eb,
    0x6367_7270,
    0x1cd1,
    0x6462_6720,
    0x7472_6163,
    0x7363_6673,
    0xcafe_4a11,
    0x1980_0202,
    0xf97c_ff8c,
];

/// Can changes of a file be seen, which need not exist?
fn watchable(file: &Path) -> Result<(), String> {
    if file.file_name().is_none() {
        return Err(format!("{} names no file", file.display()));
    }
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    let name = directory.display();
    let data = std::fs::metadata(directory).map_err(|error| format!("{name}: {error}"))?;
    if !data.is_dir() {
        return Err(format!("{name} is no directory"));
    }
    let Ok(system) = rustix::fs::statfs(directory) else {
        return Ok(());
    };
    // The number is 32 bits wide; some architectures sign-extend it.
    if SILENT.contains(&(system.f_type as u32)) {
        return Err(format!("the file system of {name} does not tell of changes"));
    }
    let read_only =
        rustix::fs::statvfs(directory).is_ok_and(|found| found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY));
    if read_only {
        return Err(format!("the file system of {name} is read-only"));
    }
    Ok(())
}

fn own_credentials() -> Credentials {
    Credentials {
        uid: Uid::effective().as_raw(),
        gid: Gid::effective().as_raw(),
        groups: Vec::new(),
    }
}

/// User and group by name or number. `:` as group asks for the user's groups too, `:NAME` for that group and them.
fn credentials(user: &str, group: Option<&str>) -> Result<Credentials, String> {
    let lookup = |error: nix::Error| format!("failed to look up user {user}: {error}");
    let found = match user.parse() {
        Ok(number) => User::from_uid(Uid::from_raw(number)).map_err(lookup)?,
        Err(_) => User::from_name(user).map_err(lookup)?,
    };
    let (uid, mut gid, name) = match (&found, user.parse::<u32>()) {
        (Some(found), _) => (found.uid.as_raw(), found.gid.as_raw(), Some(found.name.clone())),
        (None, Ok(number)) => (number, number, None),
        (None, Err(_)) => return Err(format!("there is no user {user}")),
    };
    let supplementary = group.is_some_and(|group| group.starts_with(':'));
    let group = group
        .map(|group| group.trim_start_matches(':'))
        .filter(|group| !group.is_empty());
    if let Some(group) = group {
        gid = group_id(group)?;
    }
    let mut groups = Vec::new();
    if let (true, Some(name)) = (supplementary, name) {
        let name = std::ffi::CString::new(name).map_err(|_| format!("{user} is no user name"))?;
        let listed = nix::unistd::getgrouplist(&name, Gid::from_raw(gid)).map_err(lookup)?;
        groups = listed.into_iter().map(Gid::as_raw).collect();
    }
    Ok(Credentials { uid, gid, groups })
}

fn group_id(group: &str) -> Result<u32, String> {
    if let Ok(number) = group.parse() {
        return Ok(number);
    }
    match Group::from_name(group) {
        Ok(Some(found)) => Ok(found.gid.as_raw()),
        Ok(None) => Err(format!("there is no group {group}")),
        Err(error) => Err(format!("failed to look up group {group}: {error}")),
    }
}

/// Searched in PATH when it has no slash, then judged (`config-language.md` 13.9).
fn script(program: &str, credentials: &Credentials, keep_symlinks: bool) -> ScriptFact {
    let path = if program.contains('/') {
        PathBuf::from(program)
    } else {
        let search = std::env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into());
        match security::find_in_path(OsStr::new(program), &search, credentials) {
            Some(found) => found,
            None => return ScriptFact::Unusable(format!("{program} is not found in PATH")),
        }
    };
    let checked = match security::check(&path, credentials) {
        Ok(checked) => checked,
        Err(error @ security::Unusable::Inaccessible { .. }) => return ScriptFact::Unusable(error.to_string()),
        Err(error) => return ScriptFact::Unusable(format!("{program} {error}")),
    };
    let shown = if keep_symlinks { &path } else { &checked.resolved };
    let run: Box<str> = shown.to_string_lossy().into();
    if let Some(link) = checked
        .findings
        .iter()
        .find(|finding| finding.problem == security::Problem::LinkedDirectory)
        && !keep_symlinks
    {
        // Refused without regard to `enable_script_security` (13.9 point 4).
        return ScriptFact::Unusable(format!("{link}: {}", link.remedy()));
    }
    // The path as configured and without links name the same things twice.
    let mut unsafe_parts: Vec<String> = Vec::new();
    for finding in &checked.findings {
        let part = format!("{finding}, to mend by '{}'", finding.remedy());
        if finding.problem != security::Problem::LinkedDirectory && !unsafe_parts.contains(&part) {
            unsafe_parts.push(part);
        }
    }
    if unsafe_parts.is_empty() {
        ScriptFact::Good(run)
    } else {
        ScriptFact::Insecure {
            path: run,
            why: unsafe_parts.join("; "),
        }
    }
}

/// A name table of iproute2, as [`Facts::iproute2_table`] gives it.
pub(crate) fn iproute2_table_of(name: &str, etc_dir: Option<&Path>, usr_dir: Option<&Path>) -> String {
    let etc = etc_dir.unwrap_or(Path::new("/etc/iproute2"));
    let vendor: Vec<&Path> = usr_dir.map_or_else(
        || vec![Path::new("/usr/share/iproute2"), Path::new("/usr/lib/iproute2")],
        |dir| vec![dir],
    );
    iproute2_table(name, etc, &vendor)
}

/// The administrator's file, else the vendor's, then the files of `NAME.d` in both, the administrator's winning by name.
fn iproute2_table(name: &str, etc: &Path, vendor: &[&Path]) -> String {
    let main = std::iter::once(&etc)
        .chain(vendor)
        .find_map(|dir| std::fs::read_to_string(dir.join(name)).ok());
    let mut text = main.unwrap_or_default();
    let mut pieces = std::collections::BTreeMap::new();
    for directory in vendor.iter().rev().chain(std::iter::once(&etc)) {
        let Ok(entries) = std::fs::read_dir(directory.join(format!("{name}.d"))) else {
            continue;
        };
        for entry in entries.flatten() {
            let file = entry.file_name();
            if Path::new(&file)
                .extension()
                .is_some_and(|extension| extension == "conf")
            {
                pieces.insert(file, entry.path());
            }
        }
    }
    for path in pieces.values() {
        if let Ok(piece) = std::fs::read_to_string(path) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&piece);
        }
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    #[test]
    fn files_that_cannot_be_watched_are_named_with_the_reason() {
        use std::path::Path;
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(super::watchable(&dir.path().join("absent")), Ok(()));
        for (path, why) in [
            (dir.path().join("none/x"), "No such file"),
            (Path::new("/proc/1/x").to_owned(), "does not tell of changes"),
            (Path::new("/sys/x").to_owned(), "does not tell of changes"),
            (Path::new("/").to_owned(), "names no file"),
        ] {
            let answer = super::watchable(&path).unwrap_err();
            assert!(answer.contains(why), "{answer}");
        }
    }

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn users_and_groups_by_name_and_number() {
        let root = credentials("root", None).unwrap();
        assert_eq!((root.uid, root.gid, root.groups.len()), (0, 0, 0));
        assert_eq!(credentials("0", Some("12345")).unwrap().gid, 12_345);
        assert_eq!(credentials("4000000", None).unwrap().uid, 4_000_000);
        assert!(credentials("root", Some(":")).unwrap().groups.contains(&0));
        assert!(
            credentials("no-such-user-here", None)
                .unwrap_err()
                .contains("no-such-user-here")
        );
        assert!(
            credentials("root", Some("no-such-group"))
                .unwrap_err()
                .contains("no-such-group")
        );
    }

    #[test]
    fn tables_are_joined_and_the_administrator_wins() {
        let dir = tempfile::tempdir().unwrap();
        let (etc, usr) = (dir.path().join("etc"), dir.path().join("usr"));
        for base in [&etc, &usr] {
            std::fs::create_dir_all(base.join("rt_tables.d")).unwrap();
        }
        std::fs::write(usr.join("rt_tables"), "1 vendor").unwrap();
        std::fs::write(usr.join("rt_tables.d/a.conf"), "2 hidden\n").unwrap();
        std::fs::write(etc.join("rt_tables.d/a.conf"), "2 shown\n").unwrap();
        std::fs::write(etc.join("rt_tables.d/notes"), "3 ignored\n").unwrap();
        assert_eq!(iproute2_table("rt_tables", &etc, &[&usr]), "1 vendor\n2 shown\n");
        std::fs::write(etc.join("rt_tables"), "4 own\n").unwrap();
        assert_eq!(iproute2_table("rt_tables", &etc, &[&usr]), "4 own\n2 shown\n");
        assert_eq!(iproute2_table("nothing", &etc, &[&usr]), "");
    }

    #[test]
    fn scripts_are_found_judged_and_refused() {
        assert!(matches!(script("sh", &own_credentials(), false), ScriptFact::Good(path) if path.starts_with('/')));
        assert!(matches!(
            script("no-such-program-here", &own_credentials(), false),
            ScriptFact::Unusable(_)
        ));
        assert!(matches!(
            script("/etc/passwd", &own_credentials(), false),
            ScriptFact::Unusable(_)
        ));
        if !Uid::effective().is_root() {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777)).unwrap();
        let ScriptFact::Insecure { why, .. } = script(path.to_str().unwrap(), &own_credentials(), false) else {
            panic!("it is insecure");
        };
        let path = path.display();
        assert_eq!(
            why,
            format!("everybody may write to {path} (owner 0, mode 0777), to mend by 'chmod o-w {path}'")
        );
    }

    #[test]
    fn random_numbers_stay_in_their_range() {
        let machine = Machine::default();
        for _ in 0..200 {
            assert!((3..=5).contains(&machine.random(3, 5)));
        }
        machine.random(0, u64::MAX);
    }

    #[test]
    fn the_loopback_interface_is_known() {
        let lo = Machine::default().interface(&IfName::new("lo").unwrap()).unwrap();
        assert!(lo.loopback && !lo.ethernet && lo.index >= 1);
    }
}
