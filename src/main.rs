//! The command line of energize.

fn main() -> std::process::ExitCode {
    energize::cli::main()
}
