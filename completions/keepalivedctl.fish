# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_keepalivedctl_global_optspecs
    string join \n bus= service= net-namespace= daemon-instance= h/help V/version
end

function __fish_keepalivedctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_keepalivedctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_keepalivedctl_using_subcommand
    set -l cmd (__fish_keepalivedctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -s V -l version -d 'Print version'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "check" -d 'Check a configuration file without a running daemon'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "convert" -d 'Rewrite a configuration file in the other form'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "explain" -d 'Explain a keyword or the code of a diagnostic'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "status" -d 'Show the daemon and how many instances are in which state'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "instances" -d 'List all instances'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "show" -d 'Show all about one instance'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "stats" -d 'Show the counters of all instances'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "reload" -d 'Reload the configuration, wait for the end, and say what was wrong'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "garp" -d 'Send gratuitous ARP or neighbour advertisements for the addresses of an instance'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "dump" -d 'Print what the daemon writes into its dump files, or metrics'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "watch" -d 'Print what happens, one line each, until interrupted'
complete -c keepalivedctl -n "__fish_keepalivedctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l format -d 'How to say what was found' -r -f -a "human\t'For people'
json\t'One JSON document'
sarif\t'SARIF 2.1.0, for code forges'"
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -l strict -d 'Fail also for what keepalived would only warn about'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -l to -d 'The form to write' -r -f -a "toml\t'TOML'
conf\t'keepalived.conf'"
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand explain" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand explain" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand explain" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand explain" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand explain" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -l json -d 'As JSON'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand status" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -l json -d 'As JSON'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand instances" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -l json -d 'As JSON'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand show" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand stats" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand stats" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand stats" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand stats" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand stats" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand reload" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand reload" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand reload" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand reload" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand reload" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand garp" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand garp" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand garp" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand garp" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand garp" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand dump" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand dump" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand dump" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand dump" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -l bus -d 'Address of the bus, for example unix:path=/run/dbus/system_bus_socket [default: the system bus]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -l service -d 'Name of the daemon on the bus (dbus_service_name) [default: org.keepalived.Vrrp1]' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -l net-namespace -d 'Network namespace of the daemon (net_namespace)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -l daemon-instance -d 'Instance of the daemon (instance)' -r
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -l json -d 'As JSON'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand watch" -s h -l help -d 'Print help'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "check" -d 'Check a configuration file without a running daemon'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "convert" -d 'Rewrite a configuration file in the other form'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "explain" -d 'Explain a keyword or the code of a diagnostic'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "status" -d 'Show the daemon and how many instances are in which state'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "instances" -d 'List all instances'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "show" -d 'Show all about one instance'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "stats" -d 'Show the counters of all instances'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "reload" -d 'Reload the configuration, wait for the end, and say what was wrong'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "garp" -d 'Send gratuitous ARP or neighbour advertisements for the addresses of an instance'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "dump" -d 'Print what the daemon writes into its dump files, or metrics'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "watch" -d 'Print what happens, one line each, until interrupted'
complete -c keepalivedctl -n "__fish_keepalivedctl_using_subcommand help; and not __fish_seen_subcommand_from check convert explain status instances show stats reload garp dump watch help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
