//! Wrong decisions made on purpose, to see whether the tests and the simulator notice. Without the feature `mutations` none can be
//! chosen and the questions below are constant.

/// One wrong decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(feature = "mutations"),
    expect(unreachable_pub, reason = "exported with the feature")
)]
pub enum Mutation {
    /// Priority 0 of a master is taken for an ordinary lower advert.
    IgnorePriorityZero,
    /// No priority 0 when resigning.
    ResignSilently,
    /// The skew grows with the priority.
    InvertSkew,
    /// Master_Down without skew.
    NoSkew,
    /// Addresses stay when MASTER ends.
    KeepAddresses,
    /// A lower master is overruled at once, whatever `nopreempt` says.
    AlwaysPreempt,
    /// Nobody ever preempts.
    NeverPreempt,
    /// At equal priority the lower address wins.
    InvertTie,
    /// At equal priority both stay.
    IgnoreTie,
    /// Announcements leave before the kernel has the addresses.
    AnnounceEarly,
    /// No announcement at all.
    AnnounceNever,
    /// A refused packet re-arms the advert timer of a MASTER (quirk Q-4).
    RearmOnRefused,
    /// A refused packet re-arms the down timer of a BACKUP.
    FollowRefused,
    /// The advert timer is armed for twice the interval.
    SlowAdverts,
    /// The advert comes after the addresses.
    AddressesFirst,
    /// A MASTER ignores better adverts.
    StubbornMaster,
    /// A fault of one interface is forgotten when another one recovers (quirk Q-10).
    ForgetFaults,
    /// A fault does not end MASTER.
    IgnoreFault,
    /// The checksum is not looked at.
    IgnoreChecksum,
    /// The TTL is not looked at.
    IgnoreTtl,
    /// The password is not looked at.
    IgnorePassword,
    /// The learnt interval of a version 3 master is forgotten.
    IgnoreLearntInterval,
    /// The learnt interval survives becoming MASTER (quirk Q-8).
    KeepLearntInterval,
    /// A deleted address goes unnoticed.
    IgnoreDeletion,
    /// No second burst of announcements.
    NoSecondBurst,
    /// Announcements queued for later survive the end of MASTER.
    KeepAnnouncing,
    /// An owner that recovers becomes MASTER at once (quirk Q-21).
    OwnerRecoversAtOnce,
    /// A priority change does not move the down timer.
    PriorityKeepsTimer,
    /// `reverse` of a tracker is not looked at.
    IgnoreReverse,
    /// Weights of trackers change nothing.
    IgnoreWeights,
    /// A number in a file is never a fault.
    FileNeverFaults,
    /// A member of a sync group goes MASTER without asking the others.
    LoneMember,
    /// The other members stay MASTER when one goes BACKUP.
    GroupStaysMaster,
    /// The other members go on when one has a fault.
    GroupIgnoresFault,
    /// One bit stands for all members with a fault.
    GroupForgetsFaults,
    /// The check value of an AH is not looked at.
    IgnoreAh,
    /// The sequence number of an AH is not looked at.
    IgnoreAhReplay,
    /// The digest of a trailer is not looked at.
    IgnoreHmac,
    /// The sequence of a trailer is not looked at.
    IgnoreHmacReplay,
    /// The time of a trailer is not looked at.
    IgnoreHmacTime,
    /// `enforce` accepts adverts without a trailer.
    AcceptUnsigned,
    /// A replay mark counts however far in the future it lies.
    KeepFutureMarks,
    /// The sequence never begins anew when the clock was set back.
    StickToSequence,
    /// A reload loses sequence numbers and replay marks.
    ForgetSequence,
}

#[cfg(feature = "mutations")]
impl Mutation {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::IgnorePriorityZero,
        Self::ResignSilently,
        Self::InvertSkew,
        Self::NoSkew,
        Self::KeepAddresses,
        Self::AlwaysPreempt,
        Self::NeverPreempt,
        Self::InvertTie,
        Self::IgnoreTie,
        Self::AnnounceEarly,
        Self::AnnounceNever,
        Self::RearmOnRefused,
        Self::FollowRefused,
        Self::SlowAdverts,
        Self::AddressesFirst,
        Self::StubbornMaster,
        Self::ForgetFaults,
        Self::IgnoreFault,
        Self::IgnoreChecksum,
        Self::IgnoreTtl,
        Self::IgnorePassword,
        Self::IgnoreLearntInterval,
        Self::KeepLearntInterval,
        Self::IgnoreDeletion,
        Self::NoSecondBurst,
        Self::KeepAnnouncing,
        Self::OwnerRecoversAtOnce,
        Self::PriorityKeepsTimer,
        Self::IgnoreReverse,
        Self::IgnoreWeights,
        Self::FileNeverFaults,
        Self::LoneMember,
        Self::GroupStaysMaster,
        Self::GroupIgnoresFault,
        Self::GroupForgetsFaults,
        Self::IgnoreAh,
        Self::IgnoreAhReplay,
        Self::IgnoreHmac,
        Self::IgnoreHmacReplay,
        Self::IgnoreHmacTime,
        Self::AcceptUnsigned,
        Self::KeepFutureMarks,
        Self::StickToSequence,
        Self::ForgetSequence,
    ];
}

/// The wrong decision in force, if any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mutant(#[cfg(feature = "mutations")] pub(crate) Option<Mutation>);

impl Mutant {
    #[cfg(feature = "mutations")]
    pub(crate) fn is(self, mutation: Mutation) -> bool {
        self.0 == Some(mutation)
    }

    #[cfg(not(feature = "mutations"))]
    pub(crate) const fn is(self, _: Mutation) -> bool {
        false
    }

    /// Is any in force?
    #[cfg(feature = "mutations")]
    pub(crate) const fn any(self) -> bool {
        self.0.is_some()
    }

    #[cfg(not(feature = "mutations"))]
    pub(crate) const fn any(self) -> bool {
        false
    }
}
