//! Eight broken configurations: what `-t` says about each, and that a reload with one of them changes nothing.

use super::Scenario;
use crate::check;
use crate::lab::Node::A;
use crate::lab::capture::Stamp;
use crate::outcome::Verdict;
use crate::run::{HUP, Run, advert};
use crate::scenarios::runtime_reload::undisturbed;
use crate::scenarios::runtime_start::{quick_master, test_config};

pub const SCENARIOS: &[Scenario] = &[
    Scenario::each(
        "broken-test",
        "broken",
        3,
        "-t names file, line and column, and how to mend it",
        tested,
    )
    .ours(),
    Scenario::each(
        "broken-reload",
        "broken",
        14,
        "as a reload each of them leaves the MASTER alone",
        reloaded,
    )
    .ours(),
];

/// A broken configuration: what is replaced in [`GOOD`] by what, and the words that diagnostics must point at.
struct Broken {
    what: &'static str,
    replace: &'static str,
    by: &'static str,
    /// Each of these words must be pointed at (or the first word of its line).
    points_at: &'static [&'static str],
}

const GOOD: &str = "\
global_defs {
    enable_script_security
    script_user root
}
vrrp_script chk {
    script \"/usr/bin/true\"
    interval 1
    weight 2
}
vrrp_instance V1 {
    interface e0
    virtual_router_id 51
    version 3
    priority 200
    advert_int 0.2
    virtual_ipaddress {
        10.9.0.100/24
    }
    track_script {
        chk
    }
}
";

const BROKEN: [Broken; 8] = [
    Broken {
        what: "misspelt keyword",
        replace: "priority 200",
        by: "prioritty 200",
        points_at: &["prioritty"],
    },
    Broken {
        what: "priority 300",
        replace: "priority 200",
        by: "priority 300",
        points_at: &["300"],
    },
    Broken {
        what: "undefined track_script",
        replace: "        chk\n",
        by: "        chk_nginx\n",
        points_at: &["chk_nginx"],
    },
    Broken {
        what: "missing script file",
        replace: "/usr/bin/true",
        by: "/usr/bin/no-such-check",
        points_at: &["/usr/bin/no-such-check"],
    },
    Broken {
        what: "mixed families, too long a password",
        replace: "    version 3\n    priority 200\n    advert_int 0.2\n    virtual_ipaddress {\n        10.9.0.100/24\n",
        by: "    version 2\n    priority 200\n    advert_int 1\n    authentication {\n        auth_type PASS\n        \
             auth_pass much_too_long\n    }\n    virtual_ipaddress {\n        10.9.0.100/24\n        fd09::100/64\n",
        points_at: &["much_too_long", "fd09::100/64"],
    },
    Broken {
        what: "invalid VIP and prefix",
        replace: "10.9.0.100/24",
        by: "10.9.0.300/24\n        10.9.0.101/40",
        points_at: &["10.9.0.300/24", "10.9.0.101/40"],
    },
    Broken {
        what: "unclosed braces",
        replace: "        10.9.0.100/24\n    }\n    track_script {\n        chk\n    }\n}\n",
        by: "        10.9.0.100/24\n",
        points_at: &[],
    },
    Broken {
        what: "VRID abc",
        replace: "virtual_router_id 51",
        by: "virtual_router_id abc",
        points_at: &["abc"],
    },
];

impl Broken {
    fn text(&self) -> String {
        GOOD.replace(self.replace, self.by)
    }
}

/// Line and columns (both counted from 1) at which a diagnostic about a word may point: into the word, at an opening
/// quote before it, or at the keyword of its line.
fn places(text: &str, word: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(at) = line.find(word) else { continue };
        let keyword = line.len() - line.trim_start().len();
        let quoted = at.saturating_sub(usize::from(line[..at].ends_with('"')));
        let columns = (quoted..at + word.len()).chain([keyword]);
        // What follows the column must not be another digit of it.
        all.extend(columns.map(|column| format!("tested.conf:{}:{}\n", number + 1, column + 1)));
    }
    all
}

fn tested(run: &mut Run) -> Verdict {
    let (status, text) = test_config(run, GOOD, &[])?;
    check!(status == Some(0), "the good one is refused with {status:?}: {text}");
    let mut wrong = Vec::new();
    for broken in &BROKEN {
        let config = broken.text();
        let (status, said) = test_config(run, &config, &["--diagnostics=human"])?;
        let mut lacks = Vec::new();
        if status == Some(0) || status.is_none() {
            lacks.push(format!("exit status {status:?}"));
        }
        for word in broken.points_at {
            if !places(&config, word).iter().any(|place| said.contains(place.as_str())) {
                lacks.push(format!(
                    "nothing points at {word} ({})",
                    places(&config, word).join(" or ")
                ));
            }
        }
        if broken.points_at.is_empty() && !said.contains("tested.conf:") {
            lacks.push("no file and line".to_owned());
        }
        if !said.contains("help") && !said.contains("fix") {
            lacks.push("no help".to_owned());
        }
        if !lacks.is_empty() {
            wrong.push(format!("{}: {}\n{said}", broken.what, lacks.join("; ")));
        }
    }
    check!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn reloaded(run: &mut Run) -> Verdict {
    quick_master(run)?;
    run.reload(A, GOOD)?;
    run.pause(0.8);
    let mut wrong = Vec::new();
    for broken in &BROKEN {
        let begin = Stamp::now();
        run.daemon(A)?.rewrite(&broken.text())?;
        run.signal(A, HUP)?;
        run.pause(1.0);
        if let Err(why) = undisturbed(run, begin) {
            wrong.push(format!("{}: {why}", broken.what));
        }
        // 200 and the weight of the tracked script.
        let adverts = run.adverts(A, begin);
        if !adverts.iter().all(|f| advert(f).is_ok_and(|a| a.priority == 202)) {
            wrong.push(format!("{}: the adverts changed", broken.what));
        }
    }
    check!(wrong.is_empty(), "{}", wrong.join("\n"));
    run.daemon(A)?.rewrite(&GOOD.replace("10.9.0.100", "10.9.0.120"))?;
    run.signal(A, HUP)?;
    run.wait_address(A, "10.9.0.120", true, 1.0)
}
