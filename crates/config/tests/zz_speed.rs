use keepalived_config::{
    source::{FileId, Span},
    table::VRRP_INSTANCE,
    tree::{Statement, Word},
    typed::{Seen, Typing},
};
#[test]
fn speed() {
    let span = Span {
        file: FileId(0),
        line: 1,
        column: 1,
        len: 4,
        expansion: None,
    };
    let word = |t: &str| Word {
        text: t.into(),
        span,
        quoted: false,
    };
    let lines = [
        "interface eth0",
        "virtual_router_id 51",
        "priority 100",
        "advert_int 1",
        "version 3",
        "garp_master_delay 5",
        "preempt_delay 2.5",
        "unicast_src_ip 10.0.0.1",
        "nopreempt",
        "strict_mode no",
    ];
    let st: Vec<Statement> = lines
        .iter()
        .map(|l| Statement {
            words: l.split(' ').map(word).collect(),
            raw: None,
            span,
            body: None,
        })
        .collect();
    let mut typing = Typing::default();
    let start = std::time::Instant::now();
    let mut sum = 0i64;
    for _ in 0..65_024 {
        let mut seen = Seen::default();
        for s in &st {
            if let Some(e) = typing.entry(&VRRP_INSTANCE, &mut seen, s) {
                sum += match e.name() {
                    "interface" => 1,
                    "virtual_router_id" => e.int(0),
                    "priority" => 2,
                    "advert_int" => e.micros(0).0 as i64,
                    "version" => 4,
                    "garp_master_delay" => 5,
                    "preempt_delay" => 6,
                    "unicast_src_ip" => 7,
                    "nopreempt" => 8,
                    _ => 9,
                };
            }
        }
    }
    eprintln!("{:?} {sum}", start.elapsed());
}
