//! Bytes and values of VRRP, ARP and neighbour discovery.
