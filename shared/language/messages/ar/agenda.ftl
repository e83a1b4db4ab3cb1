# ما في الأيام، وما ينتظر الرد. HTML الخاص بـ Bot API، والقيم محمية.
agenda-heading = 🗓 <b>{ $days }</b>
# يوم من عدة أيام: اسمه وتاريخه.
agenda-day = { $weekday }، { $date }
agenda-all-day = طوال اليوم
# موعد يستمر إلى اليوم التالي، أو بدأ في اليوم السابق.
agenda-from = من { $time }
agenda-until = حتى { $time }
agenda-no-title = بلا عنوان
agenda-nothing = لا مواعيد.
agenda-more =
    { PLURAL($count) ->
        [zero] … ولا مواعيد أخرى
        [one] … وموعد آخر
        [two] … وموعدان آخران
        [few] … و{ $count } مواعيد أخرى
        [many] … و{ $count } موعدًا آخر
       *[other] … و{ $count } موعد آخر
    }
agenda-incomplete = المواعيد أكثر مما يمكنني النظر فيه هنا، وتطبيق التقويم يعرضها كلها.
agenda-unanswered = ⏳ بلا رد بعد: /pending
agenda-in-utc = الأوقات بتوقيت UTC. اختر منطقتك الزمنية عبر /settings.
agenda-earlier = ‹ السابق
agenda-later = التالي ›
agenda-no-account = ليس لديك تقويم هنا بعد. الأمر /start ينشئ واحدًا.

pending-heading = <b>بانتظار ردك</b>
pending-nothing = ✅ لا دعوة تنتظر ردك.
pending-previous = ‹ رجوع
pending-next = المزيد ›
