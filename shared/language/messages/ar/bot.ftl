# ما يقوله البوت. HTML الخاص بـ Bot API، والقيم محمية.
bot-not-understood = لم أفهم ذلك. اكتب /help لتعرف ما أستطيع فعله.
bot-cancelled = بقي كل شيء كما كان.
bot-welcome =
    مرحبًا { $name }! أصبح لديك تقويم هنا، وتصلك الدعوات في هذه المحادثة.

    يدعوك الآخرون عبر هذا العنوان: <code>{ $address }</code>

    الأمر /devices يصل تطبيق التقويم لديك، و /help يشرح كل ما سوى ذلك.
bot-help-intro = هنا تصلك الدعوات، وضغطة واحدة تكفي للرد. صِل تقويمك الخاص بالأمر /devices: من تدعوه منه تصله بطاقة في تيليجرام.
bot-settings = الإعدادات
bot-back = رجوع
bot-share-location = 📍 أرسل موقعي
bot-city-placeholder = مدينة
bot-ask-time-zone = في أي منطقة زمنية تعيش؟ اكتب اسم مدينة كبيرة قريبة منك، أو أرسل موقعك مرة واحدة: لا يُحفظ الموقع.
bot-unknown-city = لا أعرف مدينة باسم { $city }. اكتب اسم مدينة كبيرة أخرى في منطقتك الزمنية.
bot-time-zone-chosen = ✅ تُعرض الأوقات بتوقيت { $city }، والساعة هناك الآن { $time }.
bot-time-zone-unknown = غير محددة
bot-setting-time-zone = 🕒 المنطقة الزمنية
bot-setting-language = 💬 اللغة
bot-setting-pings = 🔔 الردود على مواعيدي
bot-setting-free-busy = 👁 من يرى أوقات انشغالي
bot-ask-language = بأي لغة أكتب لك؟
bot-ask-pings = عندما يرد أحدهم على دعوة منك تتغير الأعداد في بطاقتك بصمت. أي الردود تُنبَّه إليها بصوت؟
bot-pings-all = كلها
bot-pings-important = الأول والرفض والأخير
bot-pings-none = لا شيء منها
bot-ask-free-busy = من يمكنه أن يرى في تطبيق تقويمه متى تكون مشغولًا؟ لا يرى أحد بماذا أنت مشغول.
bot-free-busy-server = كما يحدده الخادم
bot-free-busy-everyone = كل من لديه حساب هنا
bot-free-busy-acquaintances = من يشاركني موعدًا أو من اخترته
bot-free-busy-nobody = لا أحد

# قائمة الأوامر: نص عادي، 256 حرفًا على الأكثر.
command-agenda = ما في الأيام القادمة
command-today = ما في هذا اليوم
command-week = ما في هذا الأسبوع
command-pending = دعوات تنتظر ردك
command-new = موعد جديد
command-invite = ادعُ أشخاصًا إلى أحد مواعيدك
command-devices = صِل تطبيق تقويم أو ألغِ وصوله
command-settings = المنطقة الزمنية واللغة والتنبيهات
command-export = كل تقاويمك في ملفات
command-help = ما يستطيع هذا البوت فعله
command-cancel = اترك ما سألتك عنه
command-delete-account = احذف حسابك وكل ما فيه
