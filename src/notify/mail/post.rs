//! The mail thread: a bounded queue, a few sessions at once, one for each thing that mails are about.

use std::{
    collections::{HashSet, VecDeque},
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use keepalived_linux::host_name;
use nix::unistd::{Uid, User};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};

use super::{
    Order, Settings,
    dialogue::{Dialogue, Replies, Reply},
    text::{Letterhead, Mail},
};

/// Sessions at one time.
const SESSIONS: usize = 16;
/// Mails that wait. The oldest goes when one more comes.
const WAITING: usize = 4096;
/// News that could not be delivered for so long are none.
const STALE: Duration = Duration::from_secs(600);

/// Starts the thread; it ends when nobody can send orders any more.
pub(super) fn start(orders: mpsc::Receiver<Order>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new()
        .name("mail".into())
        .spawn(move || runtime.block_on(Post::default().run(orders)))?;
    Ok(())
}

/// Settings with everything found out.
#[derive(Debug)]
struct Sender {
    settings: Settings,
    head: Letterhead,
    hello: String,
}

#[derive(Debug, Default)]
struct Post {
    sender: Option<Arc<Sender>>,
    queue: VecDeque<(Instant, Box<Mail>)>,
    /// What the running sessions are about.
    busy: HashSet<Box<str>>,
    sessions: JoinSet<(Box<str>, Result<(), Failure>)>,
    flushes: Vec<oneshot::Sender<()>>,
    journal: Journal,
}

impl Post {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            self.begin_sessions();
            if self.sessions.is_empty() && self.queue.is_empty() {
                for flush in self.flushes.drain(..) {
                    // Whoever asked may have given up waiting.
                    let _gone = flush.send(());
                }
            }
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => return,
                },
                Some(ended) = self.sessions.join_next() => match ended {
                    Ok((about, result)) => {
                        self.busy.remove(&about);
                        self.journal.note(result);
                    }
                    Err(error) => tracing::error!("a mail session came to grief: {error}"),
                },
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Configure(settings) => self.sender = Some(Arc::new(Sender::new(*settings))),
            Order::Send(mail) => {
                if self.queue.len() >= WAITING {
                    self.queue.pop_front();
                    self.journal.note(Err(Failure::Crowded));
                }
                self.queue.push_back((Instant::now(), mail));
            }
            Order::Flush(answer) => self.flushes.push(answer),
        }
    }

    fn begin_sessions(&mut self) {
        let Some(sender) = &self.sender else { return };
        while self.sessions.len() < SESSIONS {
            let free = self.queue.iter().position(|(_, mail)| !self.busy.contains(&mail.about));
            let Some((since, mail)) = free.and_then(|index| self.queue.remove(index)) else {
                return;
            };
            if since.elapsed() > STALE {
                self.journal.note(Err(Failure::Stale));
                continue;
            }
            self.busy.insert(mail.about.clone());
            self.sessions.spawn(session(Arc::clone(sender), mail));
        }
    }
}

impl Sender {
    /// May wait for a name server, which nobody but this thread does.
    fn new(settings: Settings) -> Self {
        let host = host_name::canonical().unwrap_or_else(host_name::short);
        let login = || {
            let user = User::from_uid(Uid::current()).ok().flatten();
            user.map_or_else(|| Uid::current().to_string(), |user| user.name)
        };
        Self {
            head: Letterhead {
                router_id: settings.router_id.clone().unwrap_or_else(|| host.clone()),
                from: settings.from.clone().unwrap_or_else(|| format!("{}@{host}", login())),
                to: settings.to.clone(),
            },
            hello: settings.hello.clone().unwrap_or(host),
            settings,
        }
    }
}

/// Why a mail did not reach everybody.
#[derive(Debug)]
enum Failure {
    /// More mails than the queue holds.
    Crowded,
    /// It waited too long for its turn.
    Stale,
    /// The text says what happened; `lost` when nobody got the mail.
    Server { text: String, lost: bool },
}

async fn session(sender: Arc<Sender>, mail: Box<Mail>) -> (Box<str>, Result<(), Failure>) {
    let result = deliver(&sender, &mail).await;
    (mail.about, result)
}

async fn deliver(sender: &Sender, mail: &Mail) -> Result<(), Failure> {
    let lost = |text: String| Failure::Server { text, lost: true };
    let limit = sender.settings.timeout;
    let (mut stream, server) = connect(&sender.settings).await.map_err(lost)?;
    let message = sender.head.message(mail);
    let mut dialogue = Dialogue::new(&sender.hello, &sender.head.from, &sender.head.to, message);
    let ended = converse(&mut stream, &mut dialogue, limit).await;
    let delivered = dialogue.delivered();
    if let Some(refusal) = dialogue.refusals().first() {
        return Err(Failure::Server {
            text: refusal.describe(&server),
            lost: !delivered,
        });
    }
    match ended {
        _ if delivered => Ok(()),
        Ok(()) => Err(lost(format!("SMTP server {server} took no mail"))),
        Err(error) => {
            let step = dialogue.waiting_for();
            Err(lost(format!("SMTP server {server} during {step}: {error}")))
        }
    }
}

/// Connects to the first of the server's addresses that answers; the time limit is for all of it.
async fn connect(settings: &Settings) -> Result<(TcpStream, String), String> {
    let (host, port) = (&*settings.host, settings.port);
    let attempt = async {
        let addresses = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => tokio::net::lookup_host((host, port)).await?.collect(),
        };
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok((stream, format!("[{}]:{port}", address.ip()))),
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    match timeout(settings.timeout, attempt).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(format!("failed to connect to SMTP server {host} port {port}: {error}")),
        Err(_) => {
            let seconds = settings.timeout.as_secs();
            Err(format!(
                "SMTP server {host} port {port} did not answer within {seconds} s"
            ))
        }
    }
}

/// Until one side hangs up; `limit` is for each reply.
async fn converse(stream: &mut TcpStream, dialogue: &mut Dialogue, limit: Duration) -> io::Result<()> {
    let mut replies = Replies::default();
    let mut buffer = [0; 2048];
    let mut pending = Vec::new();
    loop {
        let reply = timeout(limit, next_reply(stream, &mut replies, &mut buffer, &mut pending))
            .await
            .map_err(|_| {
                io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("no reply within {} s", limit.as_secs()),
                )
            })??;
        match dialogue.reply(reply) {
            Some(words) => timeout(limit, stream.write_all(&words)).await??,
            None => return Ok(()),
        }
    }
}

async fn next_reply(
    stream: &mut TcpStream,
    replies: &mut Replies,
    buffer: &mut [u8],
    pending: &mut Vec<u8>,
) -> io::Result<Reply> {
    loop {
        if let Some((reply, used)) = replies
            .take(pending)
            .map_err(|error| io::Error::other(error.to_string()))?
        {
            pending.drain(..used);
            return Ok(reply);
        }
        pending.clear();
        let read = stream.read(buffer).await?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it hung up"));
        }
        pending.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
}

/// One line for a trouble, however many mails it meets, and one when it is over.
#[derive(Debug, Default)]
struct Journal {
    trouble: Option<String>,
    lost: u64,
}

impl Journal {
    fn note(&mut self, result: Result<(), Failure>) {
        let (text, lost) = match result {
            Ok(()) => {
                tracing::debug!("SMTP alert successfully sent.");
                if self.trouble.take().is_some() {
                    let lost = std::mem::take(&mut self.lost);
                    tracing::info!("mail is delivered again; {lost} mails were lost");
                }
                return;
            }
            Err(Failure::Crowded) => (format!("more than {WAITING} mails wait: the oldest are dropped"), true),
            Err(Failure::Stale) => (
                "mails waited too long for the SMTP server and are dropped".to_owned(),
                true,
            ),
            Err(Failure::Server { text, lost }) => (text, lost),
        };
        self.lost += u64::from(lost);
        if self.trouble.as_ref() != Some(&text) {
            let consequence = if lost {
                "mail is lost"
            } else {
                "some recipients get no mail"
            };
            tracing::warn!("{text}: {consequence}");
            self.trouble = Some(text);
        }
    }
}
