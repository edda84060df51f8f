//! Pictures and keys.

use crossterm::event::{KeyCode, KeyEvent};
use keepalived_status::{
    Board, Event, InstanceId, Master, State, Wall,
    event::Change,
    sample::{self, NOW, instance},
    tracker::ScriptStatus,
    view::{Detail, Notice, Overview, Row},
};
use ratatui::{Terminal, backend::TestBackend};

use super::{
    model::{Dangerous, Link, Mode, Model},
    run::text,
    update::{Effect, Message},
    view,
};
use crate::remote::Problem;

fn board() -> Board {
    let mut board = Board::default();
    board.apply(&Event::Reset(Box::new(sample::daemon())));
    for id in 1..=14_u32 {
        let state = [State::Master, State::Backup, State::Backup, State::Fault][id as usize % 4];
        let mut i = instance(id, &format!("VI_{id}"), &format!("eth0.{}", 100 + id), id as u8, state);
        match state {
            State::Backup => {
                i.live.master = Some(Master {
                    address: [10, 9, 0, 2].into(),
                    priority: 150,
                    interval: i.settings.advert_interval,
                });
                i.statistics.advert_rcvd = 100;
            }
            State::Fault => i.live.faults.interfaces = 1,
            _ => {
                i.statistics.advert_sent = 100;
                i.live.effective_priority = 113;
                i.live.total_priority = 113;
            }
        }
        board.apply(&Event::Added(Box::new(i)));
    }
    board.apply(&Event::Started);
    board
}

fn rows(board: &Board) -> Vec<Row> {
    board.instances().map(Row::from).collect()
}

fn model(board: &Board) -> Model {
    let mut model = Model::new(NOW, String::new(), false);
    model.update(Message::Connected(Overview::new(board), rows(board)));
    model
}

fn picture(model: &mut Model, width: u16, height: u16) -> String {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(_) = terminal.draw(|frame| view::draw(frame, model));
    text(terminal.backend().buffer())
}

fn press(model: &mut Model, code: KeyCode) -> Option<Effect> {
    model.update(Message::Key(KeyEvent::from(code)))
}

fn write(model: &mut Model, text: &str) {
    for c in text.chars() {
        press(model, KeyCode::Char(c));
    }
}

#[test]
fn the_whole_picture() {
    let mut board = board();
    let mut model = model(&board);
    picture(&mut model, 80, 24);
    // A second later: counters moved, a script failed, an instance became master.
    let later = Wall(NOW.0 + 1_000_000);
    model.update(Message::Rows(NOW, rows(&board)));
    for event in [
        Event::Script {
            name: "chk".into(),
            status: ScriptStatus::Bad,
            exit_code: Some(1),
        },
        Event::Instance {
            id: InstanceId(2),
            change: Change::State {
                state: State::Master,
                want_state: State::Master,
                at: NOW,
            },
        },
    ] {
        let before = board.by_name("VI_2").expect("it is there").live.clone();
        board.apply(&event);
        let after = board.by_name("VI_2").expect("it is there");
        for notice in Notice::new(&event, &board)
            .into_iter()
            .chain(Notice::changes(&before, after))
        {
            model.update(Message::Notice(notice));
        }
    }
    let mut now = rows(&board);
    now.iter_mut().for_each(|row| {
        row.rx += u64::from(row.state == State::Backup) * 2;
        row.tx += u64::from(row.state == State::Master);
    });
    model.update(Message::Rows(later, now));
    model.update(Message::Tick(later));
    let effect = press(&mut model, KeyCode::Down);
    assert_eq!(effect, Some(Effect::Detail("VI_2".into())));
    let two = board.by_name("VI_2").expect("it is there");
    model.update(Message::Detail(Box::new(Detail::new(two, &board))));
    model.log.iter_mut().for_each(|(at, _)| *at = NOW);
    insta::assert_snapshot!(picture(&mut model, 80, 24));
    insta::assert_snapshot!("low", picture(&mut model, 80, 12));
    insta::assert_snapshot!("wide", picture(&mut model, 132, 40));
}

#[test]
fn help_and_questions() {
    let board = board();
    let mut model = model(&board);
    press(&mut model, KeyCode::Char('?'));
    insta::assert_snapshot!("help", picture(&mut model, 80, 24));
    press(&mut model, KeyCode::Char('R'));
    assert_eq!(
        model.mode,
        Mode::Normal,
        "the key that closes the help does nothing else"
    );
    press(&mut model, KeyCode::Char('A'));
    insta::assert_snapshot!("confirm", picture(&mut model, 80, 24));
}

#[test]
fn no_order_without_a_yes() {
    let board = board();
    let mut model = model(&board);
    picture(&mut model, 80, 24);
    for (key, order) in [('R', Dangerous::Reload), ('A', Dangerous::Garp("VI_1".into()))] {
        assert_eq!(press(&mut model, KeyCode::Char(key)), None);
        assert_eq!(model.mode, Mode::Confirm(order.clone()));
        assert_eq!(press(&mut model, KeyCode::Enter), None);
        assert_eq!(model.mode, Mode::Normal);
        press(&mut model, KeyCode::Char(key));
        assert_eq!(press(&mut model, KeyCode::Char('y')), Some(Effect::Order(order)));
    }
}

#[test]
fn the_filter_looks_at_names_interfaces_and_states() {
    let board = board();
    let mut model = model(&board);
    let shown = |model: &mut Model| {
        model.settle();
        model.visible.iter().map(|id| id.0).collect::<Vec<_>>()
    };
    press(&mut model, KeyCode::Char('/'));
    write(&mut model, "fault");
    assert_eq!(shown(&mut model), [3, 7, 11]);
    press(&mut model, KeyCode::Esc);
    press(&mut model, KeyCode::Char('/'));
    write(&mut model, "0.107");
    press(&mut model, KeyCode::Enter);
    assert_eq!(shown(&mut model), [7]);
    assert_eq!(model.selected, Some(InstanceId(7)));
    write(&mut model, "q");
    press(&mut model, KeyCode::Esc);
    assert_eq!(shown(&mut model).len(), 14);
}

#[test]
fn order_by_state_puts_faults_first() {
    let board = board();
    let mut model = model(&board);
    press(&mut model, KeyCode::Char('s'));
    model.settle();
    let states: Vec<_> = model.visible.iter().map(|id| model.rows[id].state).collect();
    assert!(states[..3].iter().all(|s| *s == State::Fault), "{states:?}");
    assert!(states[3..6].iter().all(|s| *s == State::Master), "{states:?}");
}

#[test]
fn a_lost_daemon_is_said_and_its_rows_stay() {
    let board = board();
    let mut model = model(&board);
    model.update(Message::Lost(Problem::NoDaemon("org.keepalived.Vrrp1".into())));
    assert!(matches!(model.link, Link::Down(_)));
    let seen = picture(&mut model, 80, 24);
    assert!(
        seen.contains("not reachable, trying again") && seen.contains("VI_1 "),
        "{seen}"
    );
    let mut empty = Model::new(NOW, String::new(), false);
    empty.update(Message::Lost(Problem::NoDaemon("org.keepalived.Vrrp1".into())));
    insta::assert_snapshot!("no_daemon", picture(&mut empty, 80, 24));
    model.update(Message::Connected(Overview::new(&board), rows(&board)[..2].to_vec()));
    assert!(picture(&mut model, 80, 24).contains("| 2 by file"));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let mut board = Board::default();
    board.apply(&Event::Added(Box::new(instance(
        1,
        "evil\u{1b}[2J",
        "eth0",
        1,
        State::Master,
    ))));
    let mut model = model(&board);
    model.update(Message::Answer("\u{7}line\nnext".into()));
    let seen = picture(&mut model, 80, 24);
    assert!(!seen.contains(['\u{1b}', '\u{7}']));
    assert!(seen.contains("evil\u{fffd}[2J"), "{seen}");
}

#[test]
fn many_instances_scroll_to_both_ends() {
    let row = Row::from(&instance(1, "VI", "eth0", 1, State::Backup));
    let many = (1..=65_024).map(|id| Row {
        id: InstanceId(id),
        name: format!("VI_{id}"),
        ..row.clone()
    });
    let mut model = Model::new(NOW, String::new(), false);
    model.update(Message::Connected(Overview::default(), many.collect()));
    picture(&mut model, 80, 24);
    press(&mut model, KeyCode::End);
    assert!(picture(&mut model, 80, 24).contains("VI_65024"));
    press(&mut model, KeyCode::PageUp);
    press(&mut model, KeyCode::Home);
    let seen = picture(&mut model, 80, 24);
    assert!(seen.contains("VI_1 ") && !seen.contains("VI_65024"), "{seen}");
}
