# المواعيد الجديدة والدعوات إليها. HTML الخاص بـ Bot API، والقيم محمية.

event-ask-title =
    ما هو الموعد؟ اكتب عنوانه، أو اكتب كل شيء دفعة واحدة:

    <i>غداء مع بو غدًا 13:00 @ المقهى</i>
event-ask-day = في أي يوم؟ اضغط زرًا، أو اكتب اليوم: <i>الجمعة</i> أو <i>15 يناير</i>.
event-ask-time = في أي ساعة؟ اليوم: { $day }. اضغط زرًا، أو اكتب الوقت: <i>13:00</i> أو <i>13:00-14:30</i>.
event-ask-place = أين؟ اكتب المكان.
event-shall-i-save = هل هذا صحيح؟
event-discarded = أُلغيت المسودة، ولم يُحفظ شيء.
event-saved = ✅ تم الحفظ
event-guests-wait = تصلهم بطاقاتهم الآن، أو حالما يضغطون «ابدأ» هنا.
event-pick-people = اضغط الزر في الأسفل واختر الأشخاص: حتى { $most } في المرة الواحدة، وكرّر ذلك كما تشاء.
event-pick-button = 👥 اختر الأشخاص
event-coming = إلى أي موعد تريد أن تدعو؟
event-nothing-coming = ليس لديك موعد قادم خاص بك يمكنك الدعوة إليه. الأمر /new ينشئ موعدًا.
event-invited = ✅ تمت دعوة: { $people }.
event-known = مدعوون من قبل: { $people }.
event-nobody-new = لم يُدعَ أحد جديد.
event-gone = لم يعد هذا متاحًا. الأمر /new يبدأ موعدًا جديدًا، و /invite يعرض المواعيد الموجودة.
event-no-room = تقاويمك ممتلئة. احذف شيئًا أولًا؛ لم يُحفظ شيء.
event-no-calendar = لا يقبل أي من تقاويمك المواعيد؛ لم يُحفظ شيء.
event-too-many-people = لا يمكن دعوة هذا العدد إلى موعد واحد؛ لم يتغير شيء.

event-today = اليوم
event-tomorrow = غدًا
event-all-day = طوال اليوم
event-other-day = 📅 يوم آخر
event-other-time = 🕒 وقت آخر
event-place = 📍 المكان
event-people = 👥 ادعُ أشخاصًا
event-save = ✅ احفظ
event-discard = ✖ ألغِ

# لماذا يُسأل عما قيل.
event-doubt-ambiguous-date = قد يلتبس فيه اليوم بالشهر.
event-doubt-no-such-day = لا يوجد يوم كهذا.
event-doubt-two-days = ذكرت أكثر من يوم.
event-doubt-past-day = لقد مضى هذا اليوم.
event-doubt-unclear-time = قد يكون ذلك ليلًا أو بعد الظهر: 03:00 أم 15:00؟
event-doubt-two-times = ذكرت أكثر من وقت.
event-doubt-past-time = لقد مضى هذا الوقت.
event-doubt-no-such-time = تتخطى الساعة هذا الوقت في ذلك اليوم بسبب تغيير التوقيت.
