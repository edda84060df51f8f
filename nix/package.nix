# The package: daemon, console and control command from one source tree and one Cargo.lock.
{
  lib,
  rustPlatform,
  pkg-config,
  installShellFiles,
  src ? lib.cleanSource ../.,
}: let
  manifest = lib.importTOML ../Cargo.toml;
in
  rustPlatform.buildRustPackage {
    pname = "keepalived-rs";
    version = manifest.workspace.package.version;
    inherit src;

    cargoLock.lockFile = ../Cargo.lock;
    cargoBuildFlags = [
      "--package=keepalived"
      "--package=keepalived-tui"
    ];
    # The tests need network namespaces and the original daemon: `cargo xtask test` runs them outside the sandbox.
    doCheck = false;

    nativeBuildInputs = [
      pkg-config
      installShellFiles
    ];

    postInstall = ''
      ln -s keepalived $out/bin/genhash
      install -Dm644 systemd/keepalived.service $out/lib/systemd/system/keepalived.service
      substituteInPlace $out/lib/systemd/system/keepalived.service \
        --replace-fail /usr/sbin/keepalived $out/bin/keepalived
      install -Dm644 dbus/org.keepalived.Vrrp1.conf $out/share/dbus-1/system.d/org.keepalived.Vrrp1.conf
      install -Dm644 -t $out/share/dbus-1/interfaces dbus/introspection/*.xml
      installManPage docs/man/*.5 docs/man/*.8 docs/man/*.1
      installShellCompletion --bash completions/*.bash --fish completions/*.fish --zsh completions/_*
    '';

    meta = {
      description = "High availability for Linux routers and load balancers: VRRP, IPVS health checks, BFD";
      license = with lib.licenses; [
        mit
        asl20
      ];
      mainProgram = "keepalived";
      platforms = lib.platforms.linux;
    };
  }
