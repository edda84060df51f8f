//! Netlink, sockets, processes and privileges of Linux.
