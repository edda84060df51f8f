//! Local time of the machine, as the C library knows it.

/// Seconds east of Greenwich at `epoch_seconds`; 0 when the C library does not know.
#[must_use]
pub fn offset_seconds(epoch_seconds: u64) -> i32 {
    let Ok(time) = libc::time_t::try_from(epoch_seconds) else {
        return 0;
    };
    let mut broken = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid for the call; `localtime_r` writes only to `broken`, for which all zeros is a value.
    let offset = unsafe {
        let done = libc::localtime_r(&raw const time, broken.as_mut_ptr());
        if done.is_null() { 0 } else { broken.assume_init().tm_gmtoff }
    };
    i32::try_from(offset).unwrap_or(0)
}
