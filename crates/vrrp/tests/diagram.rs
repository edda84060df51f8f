//! The diagram in the documentation is the table in the code.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

#[test]
fn the_diagram_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagrams/vrrp-states.md");
    let printed = keepalived_vrrp::table::diagram();
    if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &printed).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == printed,
        "docs/diagrams/vrrp-states.md is stale; UPDATE_DIAGRAMS=1 cargo test -p keepalived-vrrp --test diagram"
    );
}
