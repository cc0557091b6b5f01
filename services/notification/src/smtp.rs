//! Hands e-mails to the hospital's mail server.

use std::{fmt, fs, time::SystemTime};

use chassis::BuildError;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, SinglePart},
    transport::smtp::{
        Error, PoolConfig,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use crate::{
    config::Email,
    domain::{delivery::Answer, mail, template::Text},
    peers::Recipient,
};

/// Refusals that are about the sender's account and pass once the operator has mended it (RFC 4954, RFC 3207).
const ACCOUNT: [u16; 4] = [530, 534, 535, 538];

/// The mail server.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
}

/// Why there is no message for the provider: the address is none.
pub struct NoAddress;

// === impl Smtp ===

impl Smtp {
    /// The server of the configuration; asks it nothing yet.
    ///
    /// # Errors
    /// When an address or a certificate cannot be read. The text never holds the password.
    pub fn new(config: &Email) -> Result<Self, BuildError> {
        let sender = config.sender.parse::<Mailbox>().map_err(|error| wrong("sender", &error))?;
        let url = config.url.expose();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            BuildError::new("email.url: expected smtp[s]://[user:password@]host[:port][?tls=required]")
        })?;
        if let Some(file) = &config.authority {
            let pem = fs::read(file).map_err(|error| wrong("authority", &error))?;
            let authority = Certificate::from_pem(&pem).map_err(|error| wrong("authority", &error))?;
            let host = host(url).ok_or_else(|| BuildError::new("email.url: expected a host"))?;
            let parameters = TlsParameters::builder(host)
                .certificate_store(CertificateStore::None)
                .add_root_certificate(authority)
                .build_rustls()
                .map_err(|error| wrong("authority", &error))?;
            builder = builder.tls(if url.starts_with("smtps:") {
                Tls::Wrapper(parameters)
            } else {
                // Whoever names an authority wants nothing in the clear.
                Tls::Required(parameters)
            });
        }
        let transport = builder
            .timeout(Some(config.timeout()))
            .pool_config(PoolConfig::new().max_size(config.connections))
            .build();
        Ok(Self { transport, sender })
    }

    /// One e-mail as it travels: plain text to one address.
    ///
    /// # Errors
    /// When the address is none.
    pub fn message(
        &self,
        recipient: &Recipient,
        text: Text,
        key: &str,
        written: SystemTime,
    ) -> Result<Message, NoAddress> {
        // Whatever the library lets pass inside quotes: nothing that could end a line of the protocol.
        if recipient.email.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NoAddress);
        }
        let address = recipient.email.parse::<Address>().map_err(|_| NoAddress)?;
        let name = Some(mail::name(&recipient.name)).filter(|name| !name.is_empty());
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(name, address))
            .message_id(Some(format!("<{key}@{}>", self.sender.email.domain())))
            .date(written)
            .subject(text.title)
            .singlepart(SinglePart::plain(text.body))
            .map_err(|_| NoAddress)
    }

    /// Hands it over.
    pub async fn hand_over(&self, message: Message) -> Answer {
        match self.transport.send(message).await {
            Ok(_) => Answer::Accepted,
            Err(error) => {
                let answer = answer(&error);
                // The server's text may repeat the address, so only its code is told.
                tracing::debug!(
                    answer = answer.word(),
                    code = error.status().map(u16::from),
                    "not taken over"
                );
                answer
            }
        }
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").finish_non_exhaustive()
    }
}

fn answer(error: &Error) -> Answer {
    match error.status().map(u16::from) {
        Some(code) if ACCOUNT.contains(&code) => Answer::RefusedForNow,
        Some(_) if error.is_permanent() => Answer::Refused,
        Some(_) => Answer::RefusedForNow,
        // An answer that is none, an encryption that is not offered: as good as none.
        None => Answer::Unreachable,
    }
}

fn wrong(setting: &str, error: &dyn fmt::Display) -> BuildError {
    BuildError::new(format!("email.{setting}: {error}"))
}

/// The host of `scheme://[user:password@]host[:port][/…][?…]`.
fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit('@').next()?;
    let host = match place.strip_prefix('[') {
        Some(literal) => literal.split(']').next()?,
        None => place.split(':').next()?,
    };
    Some(host.to_owned()).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use chassis::Secret;

    use super::*;

    fn smtp() -> Smtp {
        let sender = "Planning <planning@chu.example>".to_owned();
        let config = Email { url: Secret::new("smtp://127.0.0.1:1".to_owned()), sender, ..Email::default() };
        Smtp::new(&config).unwrap()
    }

    fn written(name: &str, email: &str, title: &str) -> Option<String> {
        let recipient = Recipient { name: name.to_owned(), email: email.to_owned() };
        let text = Text { title: title.to_owned(), body: "Bonjour.".to_owned() };
        let message = smtp().message(&recipient, text, "k1", SystemTime::UNIX_EPOCH).ok()?;
        Some(String::from_utf8(message.formatted()).unwrap())
    }

    #[tokio::test]
    async fn a_message_has_the_headers_we_give_it_and_no_others() {
        let evil = "Ann\r\nBcc: everybody@example.org\r\n\r\nBuy";
        let message = written(evil, "ann@chu.example", "Congé accepté").unwrap();
        let (head, body) = message.split_once("\r\n\r\n").unwrap();
        let mut fields: Vec<&str> = head
            .split("\r\n")
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
                "Content-Transfer-Encoding",
                "Content-Type",
                "Date",
                "From",
                "MIME-Version",
                "Message-ID",
                "Subject",
                "To"
            ]
        );
        assert!(head.contains("Message-ID: <k1@chu.example>"), "{head}");
        assert!(body.contains("Bonjour."));
    }

    #[tokio::test]
    async fn an_address_with_line_breaks_or_two_recipients_is_none() {
        for evil in [
            "",
            "ann",
            "ann@chu.example\r\nBcc: everybody@example.org",
            "ann@chu.example, everybody@example.org",
            "ann@chu.example>\nRCPT TO:<everybody@example.org",
            "<ann@chu.example>",
            "\"ann\r\nDATA\"@chu.example",
        ] {
            assert_eq!(written("Ann", evil, "Titre"), None, "{evil:?}");
        }
    }

    #[test]
    fn a_host_is_found_in_every_address() {
        for (url, expected) in [
            ("smtp://mail.chu.example", "mail.chu.example"),
            ("smtps://user:pass%40word@mail.chu.example:465?tls=required", "mail.chu.example"),
            ("smtp://[::1]:25", "::1"),
        ] {
            assert_eq!(host(url).as_deref(), Some(expected));
        }
    }

    #[tokio::test]
    async fn a_configuration_that_cannot_work_is_refused_without_its_password() {
        let url = Secret::new("imap://user:hidden@host".to_owned());
        let sender = "planning@chu.example".to_owned();
        let config = Email { url, sender: sender.clone(), ..Email::default() };
        let error = Smtp::new(&config).unwrap_err().to_string();
        assert!(error.starts_with("email.url") && !error.contains("hidden"), "{error}");
        let url = Secret::new("smtp://host".to_owned());
        let config = Email { url, sender: "nobody".to_owned(), ..Email::default() };
        assert!(Smtp::new(&config).unwrap_err().to_string().starts_with("email.sender"));
    }
}
