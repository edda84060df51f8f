//! Reload, deletion and stop.

use super::common::{Did, ID, Lab, address, ms, spec, v3};
use keepalived_model::units::Priority;
use keepalived_vrrp::{
    BatchOperation::{Install, Remove, RemoveLeftovers},
    Input, Notified,
};

#[test]
pub(super) fn a49_reload() {
    let mut lab = Lab::start(v3(51, 200, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    // a: another name
    let mut renamed = v3(51, 200, ms(500));
    renamed.name = "V9".into();
    lab.configure(vec![spec(renamed)]);
    assert_eq!(lab.take(), [Did::Advert(200)]);
    // b: another address
    let mut swapped = v3(51, 200, ms(500));
    swapped.addresses = vec![address("10.9.0.101")];
    lab.configure(vec![spec(swapped.clone())]);
    let (old, new) = (vec!["10.9.0.100".parse().unwrap()], vec!["10.9.0.101".parse().unwrap()]);
    assert_eq!(
        lab.take(),
        [
            Did::Kernel(Remove, old),
            Did::Kernel(Install, new.clone()),
            Did::Advert(200),
            Did::Announce(new.clone(), 5)
        ]
    );
    // c: a lower priority
    swapped.priority = Priority::new(50).unwrap();
    lab.configure(vec![spec(swapped.clone())]);
    assert_eq!(lab.take(), [Did::Priority(200, 50), Did::Advert(50)]);
    // d: another VRID is another router
    swapped.vrid = keepalived_model::units::Vrid::new(52).unwrap();
    lab.configure(vec![spec(swapped)]);
    assert_eq!(
        lab.take(),
        [
            Did::Advert(0),
            Did::Kernel(Remove, new.clone()),
            Did::State(Notified::Fault),
            Did::Kernel(RemoveLeftovers, new),
            Did::State(Notified::Backup)
        ]
    );
}

#[test]
pub(super) fn a50_deleted_instance() {
    let mut instance = v3(51, 200, ms(500));
    instance.notify_deleted = true;
    let mut lab = Lab::start(instance);
    lab.did.clear();
    lab.configure(vec![]);
    assert_eq!(lab.take(), [Did::State(Notified::Deleted)]);
    assert_eq!(lab.engine.next_deadline(), None);
    assert!(lab.engine.view(ID).is_none());
}

#[test]
pub(super) fn a55_stop_without_release() {
    let mut lab = Lab::start(v3(51, 200, ms(500)));
    lab.run(ms(3000));
    lab.did.clear();
    lab.input(Input::Stop { release: false });
    assert_eq!(lab.take(), [Did::State(Notified::Stop)]);
}
