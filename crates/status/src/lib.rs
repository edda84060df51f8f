//! What is, as data: snapshots and events.
