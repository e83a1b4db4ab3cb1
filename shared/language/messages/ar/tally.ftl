# بطاقة المنظِّم: من أجاب وبماذا. HTML الخاص بـ Bot API؛ القيم مُهرَّبة.

tally-accepted = ✅ { $name }: قبول
tally-declined = ❌ { $name }: اعتذار
tally-tentative = ❔ { $name }: ربما
tally-delegated = ❌ { $name }: أُرسل شخص آخر بديلًا
tally-waiting = ⏳ { $name }: لا إجابة بعد
# عن موعد واحد من سلسلة.
tally-accepted-day = ✅ { $name }: قبول، { $day }
tally-declined-day = ❌ { $name }: اعتذار، { $day }
tally-tentative-day = ❔ { $name }: ربما، { $day }
tally-counts = نعم { $yes } · لا { $no } · بلا إجابة { $waiting }
tally-counts-with-maybe = نعم { $yes } · لا { $no } · ربما { $maybe } · بلا إجابة { $waiting }
tally-everyone = 🏁 أجاب الجميع.

# من لم تصلهم الدعوة. الرابط أدناه.
tally-not-opened = ⏳ { $name }: لم يُفتح البوت بعد، أعد توجيه هذا الرابط
tally-blocked = 🚫 { $name }: البوت محظور، أعد توجيه هذا الرابط
tally-unknown = 🚫 { $name }: لا أحد في تيليغرام بهذا العنوان
