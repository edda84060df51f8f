//! Typed D-Bus interfaces and proxies of org.keepalived.Vrrp1.
