use std::process::ExitCode;

fn main() -> ExitCode {
    helpmark::cli::main()
}
