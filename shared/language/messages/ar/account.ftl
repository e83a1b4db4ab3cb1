# المنطقة الزمنية، والتقاويم في ملفات، وحذف الحساب. HTML الخاص بـ Bot API، والقيم محمية.
account-time-zone-of-place = ✅ { $place }: تُعرض الأوقات بتوقيت { $city }، والساعة هناك الآن { $time }.
account-other-places = إن كنت تقصد مكانًا آخر فاضغط عليه:
account-connect = الأمر /devices يصل تطبيق التقويم لديك.

account-file-caption =
    { PLURAL($count) ->
        [zero] <b>{ $name }</b>: لا شيء فيه
        [one] <b>{ $name }</b>: عنصر واحد
        [two] <b>{ $name }</b>: عنصران
        [few] <b>{ $name }</b>: { $count } عناصر
        [many] <b>{ $name }</b>: { $count } عنصرًا
       *[other] <b>{ $name }</b>: { $count } عنصر
    }
account-file-too-large = <b>{ $name }</b> أكبر من أن يُرسل في رسالة. يمكن تنزيله في المتصفح من <code>{ $url }</code> باسم المستخدم وكلمة المرور الخاصين بأحد الأجهزة (/devices).

account-delete-heading = <b>هل تريد حذف حسابك؟</b>
account-delete-entries =
    { PLURAL($count) ->
        [zero] • لا شيء في تقاويمك ليُحذف.
        [one] • يُحذف العنصر الوحيد في تقاويمك.
        [two] • يُحذف عنصران من تقاويمك.
        [few] • تُحذف { $count } عناصر من تقاويمك.
        [many] • يُحذف { $count } عنصرًا من تقاويمك.
       *[other] • يُحذف { $count } عنصر من تقاويمك.
    }
account-delete-devices =
    { PLURAL($count) ->
        [zero] • لا تطبيق تقويم لديه وصول.
        [one] • يفقد تطبيق التقويم الموصول وصوله فورًا.
        [two] • يفقد تطبيقا تقويم وصولهما فورًا.
        [few] • تفقد { $count } تطبيقات تقويم وصولها فورًا.
        [many] • يفقد { $count } تطبيق تقويم وصوله فورًا.
       *[other] • يفقد { $count } تطبيق تقويم وصوله فورًا.
    }
account-delete-organized =
    { PLURAL($count) ->
        [zero] • لا اجتماع لك ليُلغى.
        [one] • يُلغى الاجتماع الذي دعوت إليه لدى كل من دعوتهم.
        [two] • يُلغى اجتماعان دعوت إليهما لدى كل من دعوتهم.
        [few] • تُلغى { $count } اجتماعات دعوت إليها لدى كل من دعوتهم.
        [many] • يُلغى { $count } اجتماعًا دعوت إليه لدى كل من دعوتهم.
       *[other] • يُلغى { $count } اجتماع دعوت إليه لدى كل من دعوتهم.
    }
account-delete-attended = • تُرفض دعوات الآخرين إليك.
account-delete-final = لا يمكن التراجع عن ذلك. يعطيك الأمر /export تقاويمك في ملفات قبل الحذف.
account-delete = احذف كل شيء
account-keep = أبقِ الحساب
account-kept = لم يُحذف شيء.
account-deleted = حُذف كل شيء. يُمحى ما كان في تقاويمك من الخادم بعد 30 يومًا، وإلى ذلك الحين يرى من دعوتهم ما أُلغي. الأمر /start يبدأ من جديد.
