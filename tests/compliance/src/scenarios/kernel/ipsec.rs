//! Adverts with AH where the kernel itself knows AH.

use crate::kernel::Feature::Ah;
use crate::lab::Node::{A, B};
use crate::lab::capture::Stamp;
use crate::outcome::{Verdict, same};
use crate::run::Run;
use crate::scenarios::Scenario;

pub const SCENARIOS: &[Scenario] =
    &[
        Scenario::each("ah-ipsec", "ipsec", 12, "AH adverts beside the kernel's own AH", beside)
            .pairs()
            .needs(&[Ah]),
    ];

fn beside(run: &mut Run) -> Verdict {
    // An association of somebody else between the same machines loads and uses the kernel's AH.
    for node in [A, B] {
        run.lab.node(node).ip(&[
            "xfrm state add src 10.9.0.1 dst 10.9.0.2 proto ah spi 0x100 mode transport auth hmac(md5) 0x00112233445566778899aabbccddeeff",
        ])?;
    }
    let text = |_, priority: u8| {
        format!(
            "vrrp_instance V1 {{\ninterface e0\nvirtual_router_id 51\nversion 2\npriority {priority}\nadvert_int 1\n\
             authentication {{\nauth_type AH\nauth_pass secret\n}}\nvirtual_ipaddress {{\n10.9.0.100/24\n}}\n}}\n"
        )
    };
    let begin = Stamp::now();
    run.start(A, &text(A, 200))?;
    run.wait_advert(A, begin, 8.0)?;
    run.start(B, &text(B, 100))?;
    run.wait_state(B, "BACKUP", 0, 6.0)?;
    run.pause(4.5);
    same("adverts of the BACKUP", run.adverts(B, begin).len(), 0)?;
    let received = run.daemon(B)?.statistics("V1")?;
    same(
        "failed authentication",
        received.get("Authentication Errors/Failure").copied(),
        Some(0),
    )?;
    run.stop(A)?;
    run.wait_advert(B, begin, 3.0).map(drop)
}
