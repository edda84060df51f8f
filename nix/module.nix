# NixOS module: `settings` is the configuration in the words of keepalived.conf(5), rendered to TOML.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.keepalived-rs;
  format = pkgs.formats.toml {};
  rendered = format.generate "keepalived.toml" cfg.settings;
  raw =
    if cfg.configFile != null
    then cfg.configFile
    else rendered;
  # A file ending in .toml is read as TOML, any other as keepalived.conf.
  fileName =
    if lib.hasSuffix ".toml" (toString raw)
    then "keepalived.toml"
    else "keepalived.conf";
  checked = pkgs.runCommand "checked-${fileName}" {} ''
    ${lib.getExe' cfg.package "keepalivedctl"} check ${raw}
    cp ${raw} $out
  '';
  file =
    if cfg.checkConfig
    then checked
    else raw;
in {
  options.services.keepalived-rs = {
    enable = lib.mkEnableOption "keepalived, the VRRP, health checking and BFD daemon";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix {};
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package that provides `bin/keepalived`, `bin/keepalivedctl` and `bin/keepalived-tui`.";
    };

    settings = lib.mkOption {
      type = format.type;
      default = {};
      example = lib.literalExpression ''
        {
          global_defs.enable_dbus = true;
          vrrp_instance.VI_1 = {
            interface = "eth0";
            virtual_router_id = 51;
            priority = 150;
            virtual_ipaddress = [ "192.0.2.100/24" ];
          };
        }
      '';
      description = ''
        The configuration as a tree of blocks and keywords, the same words as in {manpage}`keepalived.conf(5)`.
        It is rendered to TOML and checked when the system is built.
      '';
    };

    configFile = lib.mkOption {
      type = lib.types.nullOr lib.types.path;
      default = null;
      description = "An existing keepalived.conf or TOML file, used instead of {option}`settings`.";
    };

    extraArgs = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [];
      example = ["--log-detail"];
      description = "More command line options for the daemon.";
    };

    checkConfig = lib.mkOption {
      type = lib.types.bool;
      default = true;
      description = ''
        Check the configuration when the system is built and refuse it if it has errors.
        Facts of the running machine (interfaces, users, scripts) are not judged then.
      '';
    };

    openFirewall = lib.mkOption {
      type = lib.types.bool;
      default = false;
      description = "Let VRRP adverts (IP protocol 112) and IPsec AH (51) through the firewall.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.configFile != null || cfg.settings != {};
        message = "services.keepalived-rs: give settings or configFile.";
      }
      {
        assertion = !(config.services.keepalived.enable or false);
        message = "services.keepalived and services.keepalived-rs cannot run side by side; enable one of them.";
      }
    ];

    environment.systemPackages = [cfg.package];
    # A fixed place, so that a changed configuration is a reload and not a restart.
    environment.etc."keepalived/${fileName}".source = file;
    services.dbus.packages = [cfg.package];

    networking.firewall.extraInputRules = lib.mkIf (cfg.openFirewall && config.networking.nftables.enable) ''
      ip protocol { vrrp, ah } accept
      ip6 nexthdr { vrrp, ah } accept
    '';
    networking.firewall.extraCommands = lib.mkIf (cfg.openFirewall && !config.networking.nftables.enable) ''
      iptables -A nixos-fw -p vrrp -j ACCEPT
      iptables -A nixos-fw -p ah -j ACCEPT
      ip6tables -A nixos-fw -p vrrp -j ACCEPT
      ip6tables -A nixos-fw -p ah -j ACCEPT
    '';

    systemd.services.keepalived-rs = {
      description = "Keepalived: VRRP, IPVS health checks and BFD";
      documentation = ["man:keepalived.conf(5)"];
      wantedBy = ["multi-user.target"];
      wants = ["network-online.target"];
      after = ["network-online.target"];
      reloadTriggers = [file];
      serviceConfig = {
        Type = "notify";
        NotifyAccess = "main";
        ExecStart = lib.escapeShellArgs (
          [
            (lib.getExe cfg.package)
            "--dont-fork"
            "--use-file=/etc/keepalived/${fileName}"
          ]
          ++ cfg.extraArgs
        );
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        KillMode = "mixed";
        Restart = "on-failure";
        RestartSec = 1;
        WatchdogSec = 30;
        OOMScoreAdjust = -900;
        LimitMEMLOCK = "infinity";
        ProtectSystem = true;
        ProtectHome = "read-only";
        ProtectClock = true;
        ProtectControlGroups = true;
        ProtectKernelLogs = true;
        LockPersonality = true;
        RestrictSUIDSGID = true;
        SystemCallArchitectures = "native";
      };
    };
  };
}
