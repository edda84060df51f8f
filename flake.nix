{
  description = "keepalived in Rust: VRRP, IPVS health checks and BFD for Linux routers and load balancers";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs = {
    self,
    nixpkgs,
  }: let
    systems = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    forAll = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
  in {
    packages = forAll (pkgs: rec {
      keepalived = pkgs.callPackage ./nix/package.nix {src = self;};
      default = keepalived;
    });

    overlays.default = final: _previous: {
      keepalived-rs = final.callPackage ./nix/package.nix {src = self;};
    };

    nixosModules = rec {
      keepalived = {
        pkgs,
        lib,
        ...
      }: {
        imports = [./nix/module.nix];
        services.keepalived-rs.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.default;
      };
      default = keepalived;
    };

    devShells = forAll (pkgs: {
      default = pkgs.mkShell {
        inputsFrom = [self.packages.${pkgs.stdenv.hostPlatform.system}.default];
        packages = with pkgs; [
          clippy
          rustfmt
          cargo-deny
          cargo-nextest
          iproute2
          tcpdump
          mandoc
        ];
      };
    });

    formatter = forAll (pkgs: pkgs.alejandra);
  };
}
