# بطاقة الدعوة. HTML الخاص بـ Bot API؛ القيم مُهرَّبة.

# بدلًا من عنوان غائب.
card-no-title = (بلا عنوان)
# $title هو العنوان مشطوبًا.
card-cancelled = ❌ أُلغي: { $title }
card-changed = 🔄 تغيّر: { $title }
# موعد واحد معدَّل من سلسلة.
card-once-of-a-series = موعد واحد من سلسلة
card-instead-of = بدلًا من { $time }
card-more = … و{ $count } آخرون
# $events مواعيد من تقويم القارئ مع أوقاتها.
card-overlaps = يتعارض مع: { $events }
card-overlap = { $title }، { $time }
card-overlap-all-day = { $title } (طوال اليوم)
card-accepted = ✅ قبلت هذه الدعوة.
card-declined = ❌ رفضت هذه الدعوة.
card-tentative = ❔ أجبت عن هذه الدعوة بـ «ربما».
card-removed = 🚫 لم تعد مدعوًّا إلى هذا الموعد.
card-removed-on-day = 🚫 لم تعد مدعوًّا إلى { $title } في هذا اليوم:

# رسائل من سطر واحد تنبّه الهاتف، أسفل البطاقة.
card-told-cancelled = ❌ أُلغي الموعد: { $title }.
card-told-again = 📅 الموعد قائم من جديد: { $title }.
card-told-invited-again = 📅 أنت مدعوّ من جديد: { $title }.

# الأزرار.
card-button-accept = ✅ قبول
card-button-maybe = ❔ ربما
card-button-decline = ❌ رفض
card-button-change = تغيير الإجابة
card-button-join = 🎥 انضمام
card-button-map = 🗺 الخريطة

# ما الذي تغيّر. يظهر أيضًا بلا تنسيق وبأقصر صورة.
change-time = تغيّر الموعد: { $old } ← { $new }.
change-time-unknown = تغيّر الموعد.
change-place = تغيّر المكان: { $old } ← { $new }.
change-no-place = غير محدد
change-repetition = تغيّر التكرار: { $old } ← { $new }.
# بدلًا من تكرار.
change-once = مرة واحدة

# تطبيق يدعو الناس من عنوان ليس لصاحبه.
card-nobody-invited =
    ⚠️ لم يُدعَ أحد إلى { $title }.

    يذكر تطبيق التقويم لديك <code>{ $organizer }</code> بصفته المنظِّم، وهذا ليس عنوانك هنا.

    اجعل <code>{ $own }</code> عنوان البريد الإلكتروني لهذا الحساب في التطبيق (في DAVx⁵ هو اسم الحساب)، ثم احفظ الموعد مرة أخرى.
