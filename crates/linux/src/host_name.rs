//! The machine's name, short and in full.

use std::ffi::{CStr, CString};

/// The name that `gethostname(2)` tells; empty only when it is not set.
#[must_use]
pub fn short() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The full name with its domain as the resolver knows it (`AI_CANONNAME`), or `None` when it knows nothing of this machine.
///
/// Asks name servers and so may wait: not for an election's thread.
#[must_use]
pub fn canonical() -> Option<String> {
    let name = CString::new(short()).ok()?;
    // SAFETY: a plain C structure for which all zeros is a valid value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_flags = libc::AI_CANONNAME;
    hints.ai_socktype = libc::SOCK_STREAM;
    let mut found = std::ptr::null_mut();
    // SAFETY: name and hints are alive during the call; the result is a list of its own, freed below.
    let error = unsafe { libc::getaddrinfo(name.as_ptr(), std::ptr::null(), &raw const hints, &raw mut found) };
    if error != 0 || found.is_null() {
        return None;
    }
    // SAFETY: the list is valid until it is freed; its name, when there is one, is a C string in it.
    unsafe {
        let name = (*found).ai_canonname;
        let full = (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned());
        libc::freeaddrinfo(found);
        full.filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_name_begins_with_the_short_one_or_is_unknown() {
        let short = short();
        assert!(!short.is_empty());
        // Machines without /etc/hosts and name servers have none.
        if let Some(full) = canonical() {
            assert!(!full.is_empty());
        }
    }
}
