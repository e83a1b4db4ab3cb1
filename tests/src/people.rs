//! The people of the tests, and the invitation that most of them begin with.

use crate::{CalendarApp, Message, PressAnswer, Pressed, World, meeting};

/// The organizer; she has an account and a calendar app.
pub const ANN: i64 = 12_345;

/// The fake friend, who merely has Telegram.
pub const KIRILL: i64 = 98_765;

/// Another friend.
pub const BO: i64 = 555;

/// Nobody invites her.
pub const EVE: i64 = 4_711;

/// An attendee for [`meeting`]. 75 bytes, so that no fold comes or goes with an answer.
pub const KIRILL_IS_ASKED: &str =
    "ATTENDEE;CN=Kirill;PARTSTAT=NEEDS-ACTION:mailto:tg_98765@televent.internal";

/// The meeting `plan` of Ann with Kirill.
pub fn plan() -> String {
    meeting("plan", ANN, KIRILL_IS_ASKED)
}

impl World {
    /// Ann with her calendar app, and the others in Telegram.
    pub async fn add_people(&self) -> CalendarApp {
        for (id, name) in [(KIRILL, "Kirill"), (BO, "Bo"), (EVE, "Eve")] {
            self.telegram.add_person(id, name).await;
        }
        self.add_user(ANN, "Ann").await
    }

    /// As [`World::add_people`]; then Ann invites Kirill to `plan.ics`, and he has his card.
    pub async fn invite_kirill(&self) -> (CalendarApp, Message) {
        let ann = self.add_people().await;
        ann.save("plan.ics", plan()).await;
        let card = self.card(KIRILL).await;
        (ann, card)
    }

    /// Kirill presses a button of his card, and reads the answer.
    pub async fn press(&self, card: &Message, label: &str) -> PressAnswer {
        self.press_by(KIRILL, card, label).await
    }

    /// Somebody presses a button of a message in their chat, and reads the answer.
    pub async fn press_by(&self, id: i64, message: &Message, label: &str) -> PressAnswer {
        let data = message.data(label);
        let press = self.telegram.press(id, message.id, data).await;
        self.telegram.answer(&press).await
    }

    /// As [`World::press_by`], with data that no button of the message needs to have.
    pub async fn press_data(&self, id: i64, message: &Message, data: &str) -> PressAnswer {
        let press = self.telegram.press_as(id, id, message.id, data).await;
        self.telegram.answer(&press).await
    }

    /// What a message has become, once all is settled.
    pub async fn message_now(&self, id: i64, message: &Message) -> Message {
        self.settled().await;
        let messages = self.telegram.messages(id).await;
        let now = messages.into_iter().find(|now| now.id == message.id);
        now.expect("the message is still there")
    }

    /// Kirill presses what stood on an earlier state of his card.
    pub async fn press_old(&self, card: &Message, label: &str) -> Pressed {
        self.telegram
            .press_as(KIRILL, KIRILL, card.id, card.data(label))
            .await
    }
}
