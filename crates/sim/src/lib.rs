//! A lossy LAN, a virtual clock and a kernel made of maps.
