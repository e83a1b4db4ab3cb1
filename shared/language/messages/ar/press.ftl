# ما يظهر أعلى المحادثة بعد الضغط. نص عادي، 200 حرف على الأكثر.
press-accepted = ✅ قبلت الدعوة.
press-declined = ❌ رفضت الدعوة.
press-tentative = ❔ أجبت بـ «ربما».
press-useless-button = لم يعد هذا الزر صالحًا.
