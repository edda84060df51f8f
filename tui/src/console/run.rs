//! The console's I/O: terminal, bus, clock.

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use keepalived_status::{InstanceId, Wall};
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};

use super::{
    Args,
    model::{Dangerous, Model},
    update::{Effect, Message},
    view,
};
use crate::remote::{self, Problem, Remote, Target};

/// Why the console ended.
#[derive(Debug)]
pub(super) enum Failure {
    /// The daemon cannot be asked.
    Daemon(Problem),
    /// The terminal failed.
    Terminal(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daemon(problem) => problem.fmt(f),
            Self::Terminal(error) => write!(f, "failed to use the terminal: {error}"),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Daemon(problem)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Terminal(error)
    }
}

/// Prints one picture as text.
pub(super) async fn once(args: &Args) -> Result<(), Failure> {
    let remote = Remote::connect(&args.target).await?;
    let mut model = Model::new(Wall::now(), args.filter.clone(), false);
    model.update(Message::Connected(remote.overview().await?, remote.rows().await?));
    model.stale = true;
    model.settle();
    if let Some(name) = model.row().map(|row| row.name.clone()) {
        model.update(Message::Detail(Box::new(remote.detail(&name).await?)));
    }
    let (width, height) = size();
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(_) = terminal.draw(|frame| view::draw(frame, &mut model));
    let mut out = io::stdout().lock();
    match out.write_all(text(terminal.backend().buffer()).as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// COLUMNS and LINES, else the terminal's, else 80x24.
fn size() -> (u16, u16) {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u16>().ok());
    let terminal = io::stdout()
        .is_terminal()
        .then(|| crossterm::terminal::size().ok())
        .flatten();
    let (width, height) = terminal.unwrap_or((80, 24));
    let within = |value: u16| value.clamp(20, 500);
    (
        within(variable("COLUMNS").unwrap_or(width)),
        within(variable("LINES").unwrap_or(height)),
    )
}

/// A picture as lines without trailing blanks.
pub(super) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let mut out = String::new();
    for line in buffer.content().chunks(width) {
        let line: String = line.iter().map(|cell| cell.symbol()).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Shortest time between two pictures.
const FRAME: Duration = Duration::from_millis(40);
/// Most messages between two pictures.
const BATCH: usize = 5_000;
/// With at most this many instances all counters are fetched each second, else only those on screen.
const FETCH_ALL: usize = 2_048;

/// Runs until the user ends it.
pub(super) async fn live(args: Args) -> Result<(), Failure> {
    let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let model = Model::new(Wall::now(), args.filter, color);
    let mut terminal = ratatui::try_init()?;
    let result = watch(&mut terminal, model, args.target).await;
    ratatui::try_restore()?;
    result
}

async fn watch(terminal: &mut ratatui::DefaultTerminal, mut model: Model, target: Target) -> Result<(), Failure> {
    let (say, mut messages) = mpsc::channel(BATCH);
    let (ask, asked) = mpsc::unbounded_channel();
    let link = tokio::spawn(link(target, say, asked));
    let mut keys = EventStream::new();
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut due = Instant::now();
    let mut changed = true;
    loop {
        if changed && Instant::now() >= due {
            terminal.draw(|frame| view::draw(frame, &mut model))?;
            due = Instant::now() + FRAME;
            changed = false;
        }
        let message = tokio::select! {
            event = keys.next() => match event {
                None => break,
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(Event::Key(key))) => Message::Key(key),
                Some(Ok(_)) => {
                    changed = true;
                    continue;
                }
            },
            Some(message) = messages.recv() => message,
            _ = seconds.tick() => {
                let _link_ended = ask.send(window(&model));
                Message::Tick(Wall::now())
            }
            // A picture that was put off.
            () = sleep_until(due), if changed => continue,
        };
        changed = true;
        let mut effects: Vec<_> = model.update(message).into_iter().collect();
        for _ in 0..BATCH {
            let Ok(message) = messages.try_recv() else { break };
            effects.extend(model.update(message));
        }
        effects.dedup();
        if effects.contains(&Effect::Quit) {
            break;
        }
        for effect in effects {
            let _link_ended = ask.send(Ask::Effect(effect));
        }
    }
    link.abort();
    Ok(())
}

/// What the link is to do.
#[derive(Debug)]
enum Ask {
    Effect(Effect),
    /// Fetch counters of all, or from this instance on.
    Counters(Option<(InstanceId, u32)>),
}

fn window(model: &Model) -> Ask {
    if model.rows.len() <= FETCH_ALL {
        return Ask::Counters(None);
    }
    let shown = model.visible.iter().skip(model.top).take(model.height);
    let first = shown.min().copied().unwrap_or_default();
    Ask::Counters(Some((first, u32::try_from(model.height).unwrap_or(64) * 2)))
}

/// Keeps a connection to the daemon and does what is asked.
async fn link(target: Target, say: mpsc::Sender<Message>, mut asked: mpsc::UnboundedReceiver<Ask>) {
    loop {
        let problem = match Remote::connect(&target).await {
            Ok(remote) => match session(remote, &say, &mut asked).await {
                Err(problem) => problem,
                Ok(()) => return,
            },
            Err(problem) => problem,
        };
        if say.send(Message::Lost(problem)).await.is_err() {
            return;
        }
        sleep(Duration::from_secs(1)).await;
        while asked.try_recv().is_ok() {}
    }
}

/// `Ok` when the console has ended.
async fn session(
    remote: Remote,
    say: &mpsc::Sender<Message>,
    asked: &mut mpsc::UnboundedReceiver<Ask>,
) -> Result<(), Problem> {
    let lost = |error: zbus::Error| Problem::NoBus(error.to_string());
    let mut notices = remote.status.receive_notice().await.map_err(lost)?;
    let mut owners = remote.status.inner().receive_owner_changed().await.map_err(lost)?;
    let mut known = false;
    read_all(&remote, say).await?;
    loop {
        tokio::select! {
            biased;
            owner = owners.next() => match owner {
                // The first one is the owner that we found.
                Some(Some(_)) if !known => known = true,
                _ => return Err(Problem::NoDaemon("keepalived".into())),
            },
            signal = notices.next() => {
                let Some(signal) = signal else {
                    return Err(Problem::NoBus("the bus closed the connection".into()));
                };
                let notice = signal.args().ok().and_then(|args| remote::notice(args.notice()));
                if let Some(notice) = notice
                    && say.send(Message::Notice(notice)).await.is_err()
                {
                    return Ok(());
                }
            }
            ask = asked.recv() => {
                let Some(ask) = ask else { return Ok(()) };
                serve(&remote, ask, say).await?;
            }
        }
    }
}

async fn read_all(remote: &Remote, say: &mpsc::Sender<Message>) -> Result<(), Problem> {
    let message = Message::Connected(remote.overview().await?, remote.rows().await?);
    let _console_ended = say.send(message).await;
    Ok(())
}

async fn serve(remote: &Remote, ask: Ask, say: &mpsc::Sender<Message>) -> Result<(), Problem> {
    match ask {
        Ask::Counters(window) => {
            let rows = match window {
                None => timed(remote.rows()).await?,
                Some((first, count)) => timed(remote.rows_from(first, count)).await?,
            };
            let _console_ended = say.send(Message::Rows(Wall::now(), rows)).await;
        }
        Ask::Effect(Effect::ReadAll) => read_all(remote, say).await?,
        Ask::Effect(Effect::Detail(name)) => match timed(remote.detail(&name)).await {
            Ok(detail) => {
                let _console_ended = say.send(Message::Detail(Box::new(detail))).await;
            }
            // It has been removed meanwhile.
            Err(Problem::Refused(_)) => {}
            Err(problem) => return Err(problem),
        },
        Ask::Effect(Effect::Order(order)) => {
            let (remote, say) = (remote.clone(), say.clone());
            tokio::spawn(async move {
                let _console_ended = say.send(Message::Answer(carry_out(&remote, order).await)).await;
            });
        }
        Ask::Effect(Effect::Quit) => {}
    }
    Ok(())
}

async fn timed<T>(call: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    let late = |_| Problem::Refused("the daemon does not answer".into());
    timeout(Duration::from_secs(10), call).await.map_err(late)?
}

async fn carry_out(remote: &Remote, order: Dangerous) -> String {
    let result = match &order {
        Dangerous::Reload => remote.reload().await,
        Dangerous::Garp(name) => remote.send_garp(name).await,
    };
    match (order, result) {
        (_, Err(problem)) => problem.to_string().lines().next().unwrap_or_default().to_owned(),
        (Dangerous::Reload, Ok(())) => "reload done".into(),
        (Dangerous::Garp(name), Ok(())) => format!("({name}) announced again"),
    }
}
