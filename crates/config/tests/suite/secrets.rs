//! No password and no key is shown, whatever is wrong around it.

use keepalived_config::{load_text, render};
use keepalived_model::vrrp::Authentication;

use crate::common::{Machine, options};

/// Every secret of it contains `gEheim`; every line is a mistake of another kind.
const TEXT: &str = r#"$PW=gEheim01
$WORDS=gEheim02 gEheim03
vrrp_instance V1 {
  interface eth0
  virtual_router_id 51
  authentication {
    auth_type PASS
    auth_pass gEheim04toolong gEheim05
    auth_pas gEheim06
    auth_pass "gEheim07" surplus
    auth_pass $PW
    auth_type $WORDS
    auth_pass $WORDS
  }
}
vrrp_instance V2 {
  interface eth0
  virtual_router_id 52
  auth_hmac {
    key 7 gEheim08short
    key gEheim09gEheim09gEheim09gEheim09gEheim09gEheim09
    key 8 hex:gEheim10
    key 9 gEheim11gEheim11gEheim11gEheim11gEheim11gEheim11 gEheim12
    key 9 gEheim13gEheim13gEheim13gEheim13gEheim13gEheim13
    key 300 gEheim14gEheim14gEheim14gEheim14gEheim14gEheim14
    kay 9 gEheim15gEheim15gEheim15gEheim15gEheim15gEheim15
    gEheim16gEheim16gEheim16gEheim16gEheim16gEheim16
    mode gEheim
    active_key 9
    "gEheim17
    key 10 "gEheim18gEheim18gEheim18gEheim18gEheim18gEheim18
  }
}
SSL {
  password gEheim19 gEheim20
}
"#;

#[test]
fn no_diagnostic_repeats_a_secret() {
    // a wrong mode is no secret
    let text = TEXT
        .replace("mode gEheim\n", "mode wrong\n")
        .replace("auth_type $WORDS", "auth_type MD5");
    let loaded = load_text("test.conf", &text, &options(None), &Machine::default());
    assert!(
        loaded.diagnostics.items().len() > 12,
        "{:#?}",
        loaded.diagnostics.items()
    );
    let lines: Vec<String> = loaded
        .diagnostics
        .items()
        .iter()
        .map(|d| render::log_line(d, &loaded.sources))
        .collect();
    let shown = [
        lines.join("\n"),
        render::summary(&loaded.diagnostics, &loaded.sources, false),
        render::json(&loaded.diagnostics, &loaded.sources).to_string(),
        render::sarif(&loaded.diagnostics, &loaded.sources).to_string(),
        format!("{:?}", loaded.config),
        format!("{:?}", loaded.diagnostics),
    ];
    for text in shown {
        let leak = text.lines().find(|l| l.contains("gEheim"));
        assert!(leak.is_none(), "{leak:?}\n{text}");
    }
    // what is hidden is still understood
    let pass = &loaded.config.vrrp.instances[0].authentication;
    assert!(matches!(pass, Authentication::Password(secret) if secret.expose().starts_with(b"gEheim")));
    let hmac = loaded.config.vrrp.instances[1].auth_hmac.as_deref().unwrap();
    assert!(
        hmac.keys
            .iter()
            .any(|(id, key)| *id == 9 && key.expose().starts_with(b"gEheim11"))
    );
}
