# تطبيقات التقويم في المحادثة. HTML الخاص بـ Bot API، والقيم محمية.
device-title = تطبيقات التقويم المتصلة
device-none = لا يوجد تطبيق متصل بعد.
device-more = { PLURAL($count) ->
    [zero] … و{ $count } تطبيق آخر
    [one] … وتطبيق آخر
    [two] … وتطبيقان آخران
    [few] … و{ $count } تطبيقات أخرى
    [many] … و{ $count } تطبيقًا آخر
   *[other] … و{ $count } تطبيق آخر
}
device-add = ➕ صِل تطبيق تقويم
device-never-used = لم يُستخدم بعد
device-used-lately = استُخدم خلال الساعتين الأخيرتين
device-used-hours = { PLURAL($count) ->
    [zero] استُخدم قبل { $count } ساعة
    [one] استُخدم قبل ساعة
    [two] استُخدم قبل ساعتين
    [few] استُخدم قبل { $count } ساعات
    [many] استُخدم قبل { $count } ساعة
   *[other] استُخدم قبل { $count } ساعة
}
device-used-days = { PLURAL($count) ->
    [zero] استُخدم قبل { $count } يوم
    [one] استُخدم قبل يوم
    [two] استُخدم قبل يومين
    [few] استُخدم قبل { $count } أيام
    [many] استُخدم قبل { $count } يومًا
   *[other] استُخدم قبل { $count } يوم
}
device-used-on = آخر استخدام في { $date }
device-date = { $year }/{ $month }/{ $day }
device-added = أُضيف في { $date }
device-client = يعرّف التطبيق نفسه باسم { $name }.
device-revoke = 🚫 إلغاء الوصول
device-ask-revoke = هل تريد إلغاء وصول <b>{ $label }</b>؟ تتوقف كلمة مروره عن العمل فورًا، وتبقى تقاويمك كما هي.
device-revoke-now = 🚫 نعم، ألغِه
device-revoked = أُلغي الوصول
device-gone = لم يعد لهذا الجهاز وصول.
device-too-many = { PLURAL($count) ->
    [zero] لديك { $count } جهاز وهذا هو الحد الأقصى. ألغِ وصول جهاز لم تعد تستخدمه.
    [one] لديك جهاز واحد وهذا هو الحد الأقصى. ألغِ وصوله أولًا.
    [two] لديك جهازان وهذا هو الحد الأقصى. ألغِ وصول جهاز لم تعد تستخدمه.
    [few] لديك { $count } أجهزة وهذا هو الحد الأقصى. ألغِ وصول جهاز لم تعد تستخدمه.
    [many] لديك { $count } جهازًا وهذا هو الحد الأقصى. ألغِ وصول جهاز لم تعد تستخدمه.
   *[other] لديك { $count } جهاز وهذا هو الحد الأقصى. ألغِ وصول جهاز لم تعد تستخدمه.
}
device-which = ماذا تريد أن تصل؟
device-app-iphone = iPhone / iPad
device-app-mac = Mac
device-app-android = Android (DAVx⁵)
device-app-thunderbird = Thunderbird
device-app-other = تطبيق آخر
device-steps-iphone =
    افتح الرابط على iPhone أو iPad، أو وجّه كاميرته إلى الرمز، ونزّل ملف التعريف. ثم: <b>الإعدادات › تم تنزيل ملف التعريف › تثبيت</b>.
device-steps-mac =
    افتح الرابط على Mac ونزّل ملف التعريف، ثم ثبّته من <b>إعدادات النظام › عام › إدارة الجهاز</b>. أو يدويًا: <b>التقويم › إضافة حساب › حساب CalDAV آخر</b>.
device-steps-android =
    ثبّت DAVx⁵ ثم افتح الرابط على الهاتف، أو وجّه كاميرته إلى الرمز: من هناك يُنقل كل شيء إلى DAVx⁵. أو يدويًا: <b>+ › تسجيل الدخول بعنوان URL واسم المستخدم</b>.
device-steps-thunderbird =
    في Thunderbird: <b>تقويم جديد › على الشبكة</b>. اكتب اسم المستخدم والخادم، ثم يسألك عن كلمة المرور.
device-steps-other = أضف في التطبيق حساب CalDAV بهذه البيانات الثلاثة.
device-once = يعمل الرابط مرة واحدة خلال ساعة. تظهر كلمة المرور هنا فقط.
device-open = 📲 افتح على هذا الهاتف
device-hide = 🙈 أخفِ كلمة المرور
device-hidden = كلمة المرور مخفية، والرابط لم يعد صالحًا. الأمر /devices يعرض هذا الجهاز ويلغي وصوله.
