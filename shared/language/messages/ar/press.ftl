# ما يظهر أعلى المحادثة بعد الضغط. نص عادي، 200 حرف على الأكثر.
press-accepted = ✅ قبلت الدعوة.
press-declined = ❌ رفضت الدعوة.
press-tentative = ❔ أجبت بـ «ربما».
press-useless-button = لم يعد هذا الزر صالحًا.
press-gone = لم تعد هذه الدعوة موجودة.
press-not-invited = لست مدعوًّا إلى هذا الموعد.
press-no-room = لا تتسع هذه السلسلة لإجابة أخرى عن يوم واحد. يمكنك الإجابة عن السلسلة كلها.
press-cancelled = أُلغي هذا الموعد.
press-answered-since = لقد أجبت من جديد بعد ذلك.
press-asked-anew = تغيّر الموعد بعد ذلك. ألقِ نظرة عليه مرة أخرى ثم أجب من جديد.
# $changes جمل مثل «تغيّر الموعد: … ← ….»
press-changed = { $changes } ألقِ نظرة مرة أخرى ثم أجب من جديد.
