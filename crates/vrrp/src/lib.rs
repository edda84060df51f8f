//! The VRRP election engine: no I/O, no clock.
