complete -c keepalived-tui -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalived-tui -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalived-tui -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalived-tui -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalived-tui -l filter -d 'Show only instances with this text in name, interface, state or group' -r
complete -c keepalived-tui -l once -d 'Print one picture as text and end'
complete -c keepalived-tui -s h -l help -d 'Print help'
complete -c keepalived-tui -s V -l version -d 'Print version'
