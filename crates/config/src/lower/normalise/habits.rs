//! What an instance says and takes besides the election: authentication, traffic to its addresses, announcements, answers to adverts.

use keepalived_model::{
    time::Micros,
    units::{Family, Priority, Version},
    vrrp::{Authentication, Garp},
};

use super::Normaliser;
use crate::check::codes;

impl Normaliser<'_, '_, '_> {
    /// Item 6.
    pub(super) fn authentication(&mut self, version: Version, family: Family) -> Authentication {
        let password = self.rare.password.take();
        let Some(is_ah) = self.rare.ah else {
            return Authentication::None;
        };
        let why = if self.strict {
            "strict mode does not support authentication"
        } else if version == Version::V3 {
            "VRRP version 3 does not support authentication"
        } else if password.is_none() {
            "authentication has no password"
        } else if is_ah && family == Family::V6 {
            "AH authentication is possible with IPv4 only"
        } else {
            return match password {
                Some(secret) if is_ah => Authentication::Ah(secret),
                Some(secret) => Authentication::Password(secret),
                None => Authentication::None,
            };
        };
        self.help(
            &codes::AUTH_DROPPED,
            self.draft.place("authentication"),
            &format!("{why}; it is ignored"),
            "remove the `authentication` block, or use `auth_hmac`",
        );
        Authentication::None
    }

    /// Item 15.
    pub(super) fn accept(&mut self, version: Version, priority: Priority) -> bool {
        match self.draft.accept {
            Some(true) if self.strict && version == Version::V2 && !priority.is_owner() => {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("accept"),
                    "strict mode does not allow `accept` with version 2 below priority 255; it is reset",
                );
                false
            }
            Some(accept) => accept,
            None => priority.is_owner() || !self.strict,
        }
    }

    pub(super) fn garp(&mut self) -> Garp {
        let base = self.with.defaults.garp;
        let own = self.rare.garp;
        let mut garp = Garp {
            delay: own.delay.unwrap_or(base.delay),
            repeat: own.repeat.unwrap_or(base.repeat),
            refresh: own.refresh.unwrap_or(base.refresh),
            refresh_repeat: own.refresh_repeat.unwrap_or(base.refresh_repeat),
            ..base
        };
        garp.lower_prio_delay = own
            .lower_prio_delay
            .or(self.with.defaults.garp_lower_prio_delay)
            .unwrap_or(garp.delay);
        garp.lower_prio_repeat = own
            .lower_prio_repeat
            .or(self.with.defaults.garp_lower_prio_repeat)
            .unwrap_or(garp.repeat);
        if let Some((interval, all)) = own.extra_if {
            garp.extra_if = interval;
            garp.extra_if_all = all;
        }
        if self.strict {
            for (keyword, written) in [
                (
                    "garp_lower_prio_delay",
                    own.lower_prio_delay.is_some_and(|d| !d.is_zero()),
                ),
                ("garp_lower_prio_repeat", own.lower_prio_repeat.is_some_and(|r| r != 0)),
            ] {
                if written {
                    self.say(
                        &codes::STRICT_RESET,
                        self.draft.place(keyword),
                        &format!("strict mode does not allow `{keyword}`; it is reset"),
                    );
                }
            }
            garp.lower_prio_delay = Micros::ZERO;
            garp.lower_prio_repeat = 0;
        }
        garp
    }

    /// Item 16: `lower_prio_no_advert`, `higher_prio_send_advert`, `owner_ignore_adverts`.
    pub(super) fn advert_habits(&mut self, priority: Priority) -> (bool, bool, bool) {
        let defaults = self.with.defaults;
        let mut lower = self
            .rare
            .lower_prio_no_advert
            .or(defaults.lower_prio_no_advert)
            .unwrap_or(self.strict);
        let mut higher = self
            .rare
            .higher_prio_send_advert
            .or(defaults.higher_prio_send_advert)
            .unwrap_or(false);
        if self.strict {
            if self.rare.lower_prio_no_advert == Some(false) {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("lower_prio_no_advert"),
                    "strict mode needs `lower_prio_no_advert`; it is set",
                );
            }
            if self.rare.higher_prio_send_advert == Some(true) {
                self.say(
                    &codes::STRICT_RESET,
                    self.draft.place("higher_prio_send_advert"),
                    "strict mode does not allow `higher_prio_send_advert`; it is cleared",
                );
            }
            (lower, higher) = (true, false);
        }
        let mut owner = self
            .rare
            .owner_ignore_adverts
            .or(defaults.owner_ignore_adverts.filter(|_| priority.is_owner()))
            .unwrap_or(self.strict && priority.is_owner());
        if priority.is_owner() && self.rare.owner_ignore_adverts == Some(false) {
            self.say(
                &codes::OWNER_IGNORE,
                self.draft.place("owner_ignore_adverts"),
                "`owner_ignore_adverts no` is overruled for priority 255",
            );
            owner = true;
        }
        (lower, higher, owner)
    }
}
