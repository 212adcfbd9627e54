//! A service that counts words, its servers, and a client: `service serve` in some terminals, `service ask FILE` in others.
//! Kill a server while it counts: another one gets the question, and the client does not notice.

use mapview_channel::{Error, Result, Server, ServiceOptions};

const NAME: &str = "example word count";

fn options() -> ServiceOptions {
    let mut options = ServiceOptions::new();
    options
        .longest_request(16 << 20)
        .schema("text -> u64 words, one reply per line")
        .redeliver(true);
    options
}

fn serve(mut server: Server) -> Result<()> {
    loop {
        let mut request = server.recv()?;
        if request.redelivered() {
            eprintln!("somebody began with this one and was killed");
        }
        // In place would be possible too, if all who may open the name are trusted.
        for line in String::from_utf8_lossy(&request.to_vec()?).lines() {
            let words = line.split_whitespace().count() as u64;
            if !request.reply(&words.to_le_bytes())? {
                break; // the client is gone
            }
        }
        request.finish();
    }
}

fn ask(text: &[u8]) -> Result<u64> {
    let client = options().client(NAME)?;
    let mut draft = client.reserve(text.len())?; // where the server reads
    draft.copy_in(0, text)?;
    let mut call = draft.commit();
    let mut words = 0;
    while let Some(reply) = call.recv()? {
        words += reply.read::<u64>(0)?;
    }
    Ok(words)
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => serve(options().server(NAME)?)?,
        ["ask", file] => println!("{} words", ask(&std::fs::read(file)?)?),
        _ => {
            // Alone: a server in a thread, which ends with the program.
            let server = options().server(NAME)?;
            std::thread::spawn(move || serve(server).map_err(|error: Error| eprintln!("{error}")));
            println!("{} words", ask(b"to be or not to be\nthat is the question")?);
        }
    }
    Ok(())
}
