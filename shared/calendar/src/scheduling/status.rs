//! SCHEDULE-STATUS: what became of the message to an attendee (RFC 6638 section 3.2.9).

/// The codes that this server writes of a request. Once the attendee has answered, the code is `2.0` (section 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScheduleStatus {
    /// `1.0`: they have no account, or have never pressed Start: it waits for that.
    Pending,
    /// `1.2`: it is in their calendar, or in their chat.
    Delivered,
    /// `3.7`: Telegram knows nobody with this id.
    InvalidUser,
    /// `5.1`: they have blocked the bot.
    Failed,
    /// `5.2`: the address is not one of this server's, and there is no route to others.
    NoRoute,
}

impl ScheduleStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Delivered,
        Self::InvalidUser,
        Self::Failed,
        Self::NoRoute,
    ];

    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "1.0",
            Self::Delivered => "1.2",
            Self::InvalidUser => "3.7",
            Self::Failed => "5.1",
            Self::NoRoute => "5.2",
        }
    }

    /// The status with this code; `None` for any other.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }
}
